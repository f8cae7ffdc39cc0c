// The plug-in's shell: a wire between a host and an engine in a process of its own.
#include "DistrhoPlugin.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "Engine.hpp"
#include "Exchange.hpp"
#include "HostBlock.hpp"
#include "InnerearParameters.h"
#include "State.hpp"

START_NAMESPACE_DISTRHO

using innerear::EngineState;
using innerear::Kind;
using innerear::PARAMETER_COUNT;
using innerear::PARAMETERS;

static_assert(PARAMETER_COUNT <= innerear::MOST_PARAMETERS, "a block has a bit for each");

constexpr uint32_t ENGINE_PARAMETER = PARAMETER_COUNT;
#ifdef DISTRHO_PLUGIN_TARGET_LV2
constexpr uint32_t FREEWHEEL_PARAMETER = PARAMETER_COUNT + 1;  // see Lv2Host.hpp
constexpr uint32_t ALL_PARAMETERS = PARAMETER_COUNT + 2;
#else
constexpr uint32_t ALL_PARAMETERS = PARAMETER_COUNT + 1;
#endif
constexpr const char* STATE_KEY = "preset";
constexpr float SAME = 1e-6f;  // of a range: what a host's own scaling may lose
constexpr float DIM_GAIN = 0.1f;

constexpr int indexOf(const char* id, int at = 0) {
    const char* other = PARAMETERS[at].id;
    for (int i = 0;; ++i) {
        if (id[i] != other[i])
            return indexOf(id, at + 1);
        if (id[i] == '\0')
            return at;
    }
}
constexpr int MUTE = indexOf("mute"), SILENCED = indexOf("silenced"), DIM = indexOf("dim");
constexpr int BYPASS = indexOf("bypass"), INPUT_DB = indexOf("input_db"), OUTPUT_DB = indexOf("output_db");

class InnerearPlugin : public Plugin {
public:
    InnerearPlugin() : Plugin(ALL_PARAMETERS, 0, 1) {
        for (int i = 0; i < PARAMETER_COUNT; ++i)
            values_[i] = PARAMETERS[i].initial;
        begin();
    }

protected:
    const char* getLabel() const override { return "Innerear"; }
    const char* getDescription() const override {
        return "A neural network listens, and what it hears is fed back into the sound.";
    }
    const char* getMaker() const override { return "Innerear"; }
    const char* getLicense() const override { return "MIT"; }
    uint32_t getVersion() const override {
        unsigned parts[3] = {};
        std::sscanf(innerear::VERSION, "%u.%u.%u", &parts[0], &parts[1], &parts[2]);
        return d_version(parts[0], parts[1], parts[2]);
    }
    int64_t getUniqueId() const override { return d_cconst('I', 'n', 'e', 'r'); }

    void initAudioPort(bool input, uint32_t index, AudioPort& port) override {
        port.groupId = kPortGroupStereo;
        Plugin::initAudioPort(input, index, port);
    }

    void initParameter(uint32_t index, Parameter& parameter) override {
        if (index < static_cast<uint32_t>(PARAMETER_COUNT))
            describe(PARAMETERS[index], parameter);
        else if (index == ENGINE_PARAMETER)
            describeEngine(parameter);
#ifdef DISTRHO_PLUGIN_TARGET_LV2
        else
            describe(parameter, kParameterIsBoolean | kParameterIsInteger, "Freewheel", "freewheel", 1.0f);
#endif
    }

    void initState(uint32_t, State& state) override {
        state.key = STATE_KEY;
        state.label = "Preset";
        state.hints = kStateIsOnlyForDSP;
    }

    float getParameterValue(uint32_t index) const override {
        if (index == ENGINE_PARAMETER)
            return static_cast<float>(engine_.state());
        return index < static_cast<uint32_t>(PARAMETER_COUNT) ? values_[index].load() : freewheel_.load();
    }

    void setParameterValue(uint32_t index, float value) override {
        if (index >= static_cast<uint32_t>(PARAMETER_COUNT)) {
            freewheel_ = value;
            return;
        }
        const auto& parameter = PARAMETERS[index];
        if (std::abs(value - values_[index]) <= SAME * (parameter.maximum - parameter.minimum))
            return;  // the host repeats what it was told
        values_[index] = value;
        changed_ |= uint64_t{1} << index;
    }

    String getState(const char*) const override {
        return String(state_.present(engine_.channel()).c_str());
    }

    void setState(const char* key, const char* value) override {
        if (std::strcmp(key, STATE_KEY) == 0 && *value != '\0')
            state_.recall(engine_.channel(), value);
    }

    void activate() override {
        if (isDummyInstance())
            return;
        engine_.start(getSampleRate(), innerear::busChannels, getBufferSize());
        if (engine_.channel() != nullptr)
            state_.handOver(*engine_.channel());
        begin();
        awaitEngine();
        setLatency(exchange_.latency());
    }

    void run(const float** in, float** out, uint32_t frames, const MidiEvent* midi,
             uint32_t midiCount) override {
        const bool offline = innerear::hostBlock.offline || freewheel_ > 0.5f;
        const int channels = innerear::hostBlock.channels;
        if (channels != exchange_.channels())
            exchange_.open(channels);
        adoptValues();
        setLatency(exchange_.latency());
        fill(exchange_.block(), midi, midiCount);
        for (uint32_t at = 0; at < frames;) {
            const uint32_t samples = std::min(frames - at, exchange_.blockSize());
            const float* from[] = {in[0] + at, in[channels - 1] + at};
            float* to[] = {out[0] + at, out[channels - 1] + at};
            exchange_.process(from, to, samples, offline, fallbackGain(), [this] { return wait(); });
            at += samples;
        }
        for (int c = channels; c < innerear::MOST_CHANNELS; ++c)
            std::memset(out[c], 0, frames * sizeof(float));
    }

private:
    static constexpr double READY_SECONDS = 20.0;
    static constexpr long WAIT_NANOSECONDS = 100'000'000;

    static void describe(const innerear::Parameter& ours, Parameter& parameter) {
        if (std::strcmp(ours.id, "bypass") == 0) {
            parameter.initDesignation(kParameterDesignationBypass);
            return;
        }
        parameter.hints = kParameterIsAutomatable;
        parameter.name = ours.name;
        parameter.symbol = ours.id;
        parameter.unit = ours.unit;
        parameter.ranges = ParameterRanges(ours.initial, ours.minimum, ours.maximum);
        if (ours.kind == Kind::toggle)
            parameter.hints |= kParameterIsBoolean | kParameterIsInteger;
        if (ours.kind == Kind::choice) {
            parameter.hints |= kParameterIsInteger;
            name(parameter.enumValues, ours.choices, ours.count);
        }
    }

    static void describe(Parameter& parameter, uint32_t hints, const char* name, const char* symbol,
                         float maximum) {
        parameter.hints = hints;
        parameter.name = name;
        parameter.symbol = symbol;
        parameter.ranges = ParameterRanges(0.0f, 0.0f, maximum);
    }

    static void describeEngine(Parameter& parameter) {
        static constexpr const char* const states[] = {"starting", "playing", "missing"};
        describe(parameter, kParameterIsOutput | kParameterIsInteger, "Engine", "engine", 2.0f);
        name(parameter.enumValues, states, 3);
    }

    static void name(ParameterEnumerationValues& names, const char* const* words, int count) {
        names.count = static_cast<uint8_t>(count);
        names.restrictedMode = true;
        names.values = new ParameterEnumerationValue[count];
        for (int i = 0; i < count; ++i)
            names.values[i] = ParameterEnumerationValue(static_cast<float>(i), words[i]);
    }

    void begin() {
        exchange_.begin(engine_.channel(), getSampleRate(), innerear::busChannels, getBufferSize());
        setLatency(exchange_.latency());
    }

    // The latency has to be known before the host plays; only a host's main thread waits here.
    void awaitEngine() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(READY_SECONDS);
        while (!exchange_.isReady() && engine_.state() != EngineState::missing &&
               std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }

    // Waits a while for a block to come back; false where none will come.
    bool wait() noexcept {
        if (engine_.state() == EngineState::missing)
            return false;
        timespec until{};
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_NANOSECONDS;
        if (until.tv_nsec >= 1'000'000'000) {
            until.tv_nsec -= 1'000'000'000;
            ++until.tv_sec;
        }
        sem_timedwait(&engine_.channel()->toShell, &until);
        return true;
    }

    // What a client, a preset or a controller has set in the engine, the host has to hear of.
    void adoptValues() {
        const innerear::Channel* channel = engine_.channel();
        if (channel == nullptr)
            return;
        for (int i = 0; i < PARAMETER_COUNT; ++i) {
            const uint32_t count = channel->valueCounts[i].load(std::memory_order_acquire);
            if (count == seen_[i])
                continue;
            seen_[i] = count;
            values_[i] = channel->values[i];
            requestParameterValueChange(i, channel->values[i]);
            innerear::hostBlock.changed |= uint64_t{1} << i;  // of CLAP, DPF forgets the request
            innerear::hostBlock.values = values_.data();
        }
    }

    void fill(innerear::Block& block, const MidiEvent* midi, uint32_t midiCount) {
        block.changed |= changed_.exchange(0);
        for (int i = 0; i < PARAMETER_COUNT; ++i)
            block.values[i] = values_[i];
        const TimePosition& time = getTimePosition();
        const auto& bbt = time.bbt;
        const bool known = bbt.valid && bbt.beatType > 0.0f && bbt.ticksPerBeat > 0.0;
        block.playing = time.playing;
        block.tempoBpm = known ? bbt.beatsPerMinute : 0.0;
        if (known)
            block.beats = ((bbt.bar - 1) * bbt.beatsPerBar + bbt.beat - 1 + bbt.tick / bbt.ticksPerBeat) *
                          quartersPerBeat(bbt.beatType);
        for (uint32_t i = 0; i < midiCount && block.midiCount < innerear::MOST_MIDI; ++i) {
            if (midi[i].size == 0 || midi[i].size > 3)
                continue;  // system exclusive messages turn no knob
            uint8_t* message = block.midi[block.midiCount++];
            message[0] = static_cast<uint8_t>(std::min(midi[i].size, lengthOf(midi[i].data[0])));
            std::memcpy(message + 1, midi[i].data, 3);
        }
    }

    // Of a MIDI message, in bytes; some hosts pad shorter ones.
    static uint32_t lengthOf(uint8_t status) noexcept {
        if (status >= 0xF8)
            return 1;
        const uint8_t kind = status & 0xF0;
        return kind == 0xC0 || kind == 0xD0 ? 2 : 3;
    }

    static double quartersPerBeat([[maybe_unused]] float beatType) noexcept {
#ifdef DISTRHO_PLUGIN_TARGET_CLAP
        return 1.0;  // CLAP counts quarter notes, and DPF passes them on as the beats of any measure
#else
        return 4.0 / beatType;
#endif
    }

    // Of the dry sound that plays in the engine's place: as loud as the engine lets it pass.
    float fallbackGain() const noexcept {
        if (values_[MUTE] > 0.5f || values_[SILENCED] > 0.5f)
            return 0.0f;
        const float level = values_[DIM] > 0.5f ? DIM_GAIN : 1.0f;
        const float decibels = values_[INPUT_DB] + values_[OUTPUT_DB];
        return values_[BYPASS] > 0.5f || decibels == 0.0f ? level : level * std::pow(10.0f, decibels / 20.0f);
    }

    innerear::Engine engine_;
    innerear::Exchange exchange_;
    innerear::State state_;
    std::array<std::atomic<float>, PARAMETER_COUNT> values_;
    std::atomic<uint64_t> changed_{0};
    std::atomic<float> freewheel_{0.0f};
    std::array<uint32_t, PARAMETER_COUNT> seen_{};

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(InnerearPlugin)
};

Plugin* createPlugin() {
    return new InnerearPlugin();
}

END_NAMESPACE_DISTRHO

#if defined(DISTRHO_PLUGIN_TARGET_VST3)
#include "Vst3Host.hpp"
#elif defined(DISTRHO_PLUGIN_TARGET_CLAP)
#include "ClapHost.hpp"
#elif defined(DISTRHO_PLUGIN_TARGET_LV2)
#include "Lv2Host.hpp"
#endif
