// The memory that the shell shares with its engine. `engine/ipc/host_channel.py` has the same fields
// in the same order; both compare MAGIC and the size before they use it.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cstdint>

namespace innerear {

constexpr int64_t MAGIC = 0x0002'5241'454E'4E49;  // "INNEAR", 2: the shell holds a lock on the file
constexpr int MOST_CHANNELS = 2;
constexpr int MOST_PARAMETERS = 64;
constexpr int MOST_MIDI = 64;           // messages in a block
constexpr int BLOCKS = 1024;            // that may wait
constexpr int RING = 131072;            // samples of each channel that may wait
constexpr int STATE_BYTES = 131072;

struct Block {
    int64_t generation;  // of the stream that it belongs to
    int64_t start;       // position of its first sample since the channel was made
    int64_t samples;
    int64_t offline;     // whether the host waits
    int64_t playing;     // whether the transport runs
    double tempoBpm;     // 0 where the host does not say
    double beats;        // position in the music, in quarter notes
    uint64_t changed;    // a bit for each parameter that the host has set
    int64_t midiCount;
    float values[MOST_PARAMETERS];
    uint8_t midi[MOST_MIDI][4];  // length, and up to three bytes
};

struct Text {
    std::atomic<int64_t> version;  // odd while it is written
    int64_t length;
    char bytes[STATE_BYTES];
};

struct Channel {
    int64_t magic;
    int64_t size;

    // Written by the shell.
    std::atomic<int64_t> generation;  // raised when a stream begins; the next three belong to it
    double sampleRate;
    int64_t channels;
    int64_t blockSize;                // the longest
    std::atomic<int64_t> sent;        // blocks, ever

    // Written by the engine.
    std::atomic<int64_t> ready;       // the newest generation of which it knows the latency
    std::atomic<int64_t> plays;       // whether its network is loaded
    std::atomic<int64_t> latency;     // of its sound, in samples; only grows within a generation
    std::atomic<int64_t> taken;       // blocks, ever
    std::atomic<int64_t> validFrom;   // position of the first sample that it has processed
    std::atomic<int64_t> processed;   // position after the last
    std::atomic<int64_t> heartbeat;
    std::atomic<int64_t> stateTaken;  // version of `wanted` that it has applied
    std::atomic<uint32_t> valueCounts[MOST_PARAMETERS];  // raised when the engine changes a value
    float values[MOST_PARAMETERS];

    alignas(64) sem_t toEngine;       // posted for each block
    alignas(64) sem_t toShell;        // posted for each block for which the host waits
    alignas(64) Text wanted;          // the state to take, from the host
    Text present;                     // the state to save, from the engine
    alignas(64) Block blocks[BLOCKS];
    alignas(64) float input[MOST_CHANNELS][RING];
    float output[MOST_CHANNELS][RING];
};

static_assert(std::atomic<int64_t>::is_always_lock_free, "shared between processes");
static_assert(sizeof(sem_t) <= 64, "the layout leaves 64 bytes");

}  // namespace innerear
