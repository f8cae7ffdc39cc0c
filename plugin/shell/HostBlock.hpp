// What a host says of a block, and is to hear with it, that DPF does not pass on.
#pragma once

#include <atomic>
#include <cstdint>

namespace innerear {

struct HostBlock {
    bool offline = false;  // the host waits for the sound; otherwise it is heard as it is made
    int channels = 2;      // of the host's bus: 1 or 2
    uint64_t changed = 0;  // a bit for each parameter whose value the host has to hear
    const std::atomic<float>* values = nullptr;  // of all parameters
};

// Set on the host's own thread around each call. "initial-exec": reading it allocates nothing; there
// is little room for such variables, so it is small.
__attribute__((tls_model("initial-exec"))) inline thread_local HostBlock hostBlock;

// Channels of the bus that the host has set up last on this thread, before it activates. A guess
// where it sets up several instances at once: the first block says what is right.
inline thread_local int busChannels = 2;

}  // namespace innerear
