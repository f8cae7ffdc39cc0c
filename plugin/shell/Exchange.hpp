// The audio thread's part: hands blocks to the engine and plays what has come back, or else the dry
// sound, delayed by as much. Takes no lock, allocates nothing, and waits only where the host does.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "Channel.hpp"

namespace innerear {

class Exchange {
public:
    static constexpr uint32_t LONGEST_BLOCK = RING / 8;

    // Allocates. A new stream begins: nothing of the one before is played any more.
    void begin(Channel* channel, double sampleRate, int channels, uint32_t blockSize) {
        channel_ = channel;
        blockSize_ = std::clamp<uint32_t>(blockSize, 1, LONGEST_BLOCK);
        fading_ = static_cast<float>(std::exp(-1.0 / (FADE_SECONDS * sampleRate)));
        for (auto& ring : dry_)
            ring.assign(DRY, 0.0f);
        sampleRate_ = sampleRate;
        open(channels);
    }

    // A stream of other channels begins. For any thread.
    void open(int channels) noexcept {
        channels_ = channels;
        base_ = at_;
        rest_[0] = rest_[1] = 0.0f;
        wet_ = false;
        if (channel_ == nullptr)
            return;
        channel_->sampleRate = sampleRate_;
        channel_->channels = channels;
        channel_->blockSize = blockSize_;
        generation_ = channel_->generation.fetch_add(1) + 1;
    }

    bool isReady() const noexcept {
        return channel_ != nullptr && channel_->ready.load(std::memory_order_acquire) == generation_;
    }

    // Takes over the engine's latency where it says one; returns the whole, in samples.
    uint32_t latency() noexcept {
        if (isReady())
            engineLatency_ = std::clamp<int64_t>(channel_->latency, 0, DRY - 2 * LONGEST_BLOCK);
        return static_cast<uint32_t>(blockSize_ + engineLatency_);
    }

    int channels() const noexcept { return channels_; }
    uint32_t blockSize() const noexcept { return blockSize_; }
    Block& block() noexcept { return block_; }  // what goes with the next piece

    // Processes a piece of at most `blockSize()` samples.
    //   gain: of the dry sound in place of the engine's; 1 but where the user wants it softer.
    //   waits: called until it returns false, while the host waits for sound that is not there.
    template <typename Waits>
    void process(const float* const* in, float* const* out, uint32_t samples, bool offline, float gain,
                 Waits&& waits) noexcept {
        const int64_t from = at_ - blockSize_;  // position of what is played now
        take(in, samples);
        if (send(samples, offline) && offline) {
            const int64_t number = channel_->sent.load(std::memory_order_relaxed);
            while (channel_->taken.load(std::memory_order_acquire) < number && waits()) {
            }
        }
        play(out, from, samples, offline, gain);
    }

private:
    static constexpr double FADE_SECONDS = 0.003;
    static constexpr int64_t DRY = 1 << 19;  // 2.7 s at 192 kHz
    static constexpr float SILENT = 1e-7f;

    void take(const float* const* in, uint32_t samples) noexcept {
        for (int c = 0; c < channels_; ++c) {
            copyIn(dry_[c].data(), DRY, in[c], samples);
            if (channel_ != nullptr)
                copyIn(channel_->input[c], RING, in[c], samples);
        }
        at_ += samples;
    }

    void copyIn(float* ring, int64_t length, const float* from, uint32_t samples) noexcept {
        const int64_t at = at_ & (length - 1);
        const int64_t first = std::min<int64_t>(samples, length - at);
        std::memcpy(ring + at, from, first * sizeof(float));
        std::memcpy(ring, from + first, (samples - first) * sizeof(float));
    }

    bool send(uint32_t samples, bool offline) noexcept {
        if (channel_ == nullptr)
            return false;
        const int64_t number = channel_->sent.load(std::memory_order_relaxed);
        if (number - channel_->taken.load(std::memory_order_acquire) >= BLOCKS)
            return false;  // the engine has stopped; what is changed goes with a later block
        block_.generation = generation_;
        block_.start = at_ - samples;
        block_.samples = samples;
        block_.offline = offline;
        channel_->blocks[number & (BLOCKS - 1)] = block_;
        channel_->sent.store(number + 1, std::memory_order_release);
        sem_post(&channel_->toEngine);
        block_.changed = 0;
        block_.midiCount = 0;
        return true;
    }

    void play(float* const* out, int64_t from, uint32_t samples, bool offline, float gain) noexcept {
        int64_t begin = 0, end = 0;  // which of these samples are the engine's
        if (isReady()) {
            end = channel_->processed.load(std::memory_order_acquire) - from;
            begin = std::max(channel_->validFrom.load(std::memory_order_acquire), base_) - from;
        }
        end = std::clamp<int64_t>(end, 0, samples);
        begin = std::clamp<int64_t>(begin, 0, end);
        if (offline)
            rest_[0] = rest_[1] = 0.0f;
        playDry(out, from, 0, begin, gain, offline);
        playWet(out, from, begin, end, gain, offline);
        playDry(out, from, end, samples, gain, offline);
    }

    void playWet(float* const* out, int64_t from, int64_t begin, int64_t end, float gain,
                 bool offline) noexcept {
        if (begin == end)
            return;
        for (int c = 0; c < channels_; ++c) {
            const float* ring = channel_->output[c];
            if (!wet_ && !offline)  // go on from where the dry sound is
                rest_[c] = dry(c, from + begin) * gain - ring[(from + begin) & (RING - 1)];
            for (int64_t i = begin; i < end; ++i)
                out[c][i] = ring[(from + i) & (RING - 1)];
            fade(out[c], c, begin, end);
        }
        wet_ = true;
    }

    void playDry(float* const* out, int64_t from, int64_t begin, int64_t end, float gain,
                 bool offline) noexcept {
        if (begin == end)
            return;
        for (int c = 0; c < channels_; ++c) {
            if (wet_ && !offline)
                rest_[c] = last_[c] - dry(c, from + begin - 1) * gain;
            for (int64_t i = begin; i < end; ++i)
                out[c][i] = dry(c, from + i) * gain;
            fade(out[c], c, begin, end);
        }
        wet_ = false;
    }

    // The dry sound of what the engine would play at a position; at most full scale, as its is.
    float dry(int c, int64_t position) const noexcept {
        const int64_t at = position - engineLatency_;
        if (at < base_ || at < 0)
            return 0.0f;
        const float value = dry_[c][at & (DRY - 1)];
        return std::isfinite(value) ? std::clamp(value, -1.0f, 1.0f) : 0.0f;
    }

    // Adds what is left of the step between two sounds, so that there is no click.
    void fade(float* out, int c, int64_t begin, int64_t end) noexcept {
        for (int64_t i = begin; i < end && rest_[c] != 0.0f; ++i) {
            out[i] = std::clamp(out[i] + rest_[c], -1.0f, 1.0f);
            rest_[c] = std::abs(rest_[c]) < SILENT ? 0.0f : rest_[c] * fading_;
        }
        last_[c] = out[end - 1];
    }

    Channel* channel_ = nullptr;
    Block block_{};
    double sampleRate_ = 48000.0;
    int channels_ = 2;
    uint32_t blockSize_ = 1;
    int64_t engineLatency_ = 0;
    int64_t generation_ = 0;
    int64_t at_ = 0;    // position of the next sample from the host
    int64_t base_ = 0;  // position where the stream began
    bool wet_ = false;
    float rest_[MOST_CHANNELS] = {}, last_[MOST_CHANNELS] = {};
    float fading_ = 0.0f;
    std::vector<float> dry_[MOST_CHANNELS];
};

}  // namespace innerear
