// The state that a host saves: the engine's preset as JSON text, exchanged in shared memory. The
// text is opaque to the shell, which keeps it where no engine can take it.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include "Channel.hpp"

namespace innerear {

class State {
public:
    // Wants this state from now on; for any thread but the audio thread.
    void recall(Channel* channel, const char* text) {
        const std::lock_guard<std::mutex> lock(mutex_);
        wanted_ = text;
        if (channel != nullptr)
            hand(*channel);
    }

    // Hands what was wanted before there was a channel.
    void handOver(Channel& channel) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!wanted_.empty() && channel.wanted.version == 0)
            hand(channel);
    }

    // The engine's state; what was wanted where the engine has not taken it yet.
    std::string present(Channel* channel) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (channel == nullptr || channel->stateTaken != channel->wanted.version)
            return wanted_;
        const std::string found = read(channel->present);
        return found.empty() ? wanted_ : found;
    }

private:
    void hand(Channel& channel) {
        if (wanted_.size() > STATE_BYTES)
            return;  // not ours: the engine writes no text that is longer
        Text& text = channel.wanted;
        ++text.version;
        text.length = static_cast<int64_t>(wanted_.size());
        std::copy(wanted_.begin(), wanted_.end(), text.bytes);
        ++text.version;
    }

    static std::string read(const Text& text) {
        for (int attempt = 0; attempt < 100; ++attempt) {
            const int64_t before = text.version;
            if (before % 2 == 0) {
                const auto length = std::clamp<int64_t>(text.length, 0, STATE_BYTES);
                std::string found(text.bytes, static_cast<std::size_t>(length));
                if (text.version == before)
                    return found;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return {};
    }

    mutable std::mutex mutex_;
    std::string wanted_;
};

}  // namespace innerear
