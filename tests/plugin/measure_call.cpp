// Measures the plug-in's own process call, in real time, in the smallest host that there can be, and
// counts what a real-time thread must not do: allocate, and take locks.
//
// g++ -O2 -std=gnu++17 -rdynamic -isystem /usr/share/dpf/distrho tests/plugin/measure_call.cpp -o measure -ldl
// ./measure ~/.clap/innerear/Innerear.clap [block size] [seconds]
#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "src/clap/entry.h"
#include "src/clap/plugin-factory.h"
#include "src/clap/plugin.h"
#include "src/clap/ext/latency.h"
#include "src/clap/ext/params.h"

constexpr double RATE = 48000.0;

static thread_local bool watched = false;
static long allocations = 0, locks = 0;

// These stand in for the C library's own, in the plug-in too.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void __libc_free(void*);

void* malloc(size_t size) {
    allocations += watched;
    return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    allocations += watched;
    return __libc_calloc(count, size);
}

void* realloc(void* before, size_t size) {
    allocations += watched;
    return __libc_realloc(before, size);
}

void free(void* memory) {
    allocations += watched && memory != nullptr;
    __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
    static const auto theirs =
        reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    locks += watched;
    return theirs(mutex);
}
}

int main(int count, char** words) {
    const uint32_t size = count > 2 ? std::atoi(words[2]) : 128;
    const double seconds = count > 3 ? std::atof(words[3]) : 20.0;
    void* library = dlopen(words[1], RTLD_NOW);
    auto* entry = static_cast<const clap_plugin_entry_t*>(dlsym(library, "clap_entry"));
    entry->init(words[1]);
    auto* factory = static_cast<const clap_plugin_factory_t*>(entry->get_factory(CLAP_PLUGIN_FACTORY_ID));
    static const clap_host_latency_t latency = {[](const clap_host_t*) {}};
    clap_host_t host = {CLAP_VERSION, nullptr, "measure", "", "", "",
                        [](const clap_host_t*, const char* id) -> const void* {
                            return std::strcmp(id, CLAP_EXT_LATENCY) == 0 ? &latency : nullptr;
                        },
                        [](const clap_host_t*) {}, [](const clap_host_t*) {}, [](const clap_host_t*) {}};
    auto* id = factory->get_plugin_descriptor(factory, 0)->id;
    const clap_plugin_t* plugin = factory->create_plugin(factory, &host, id);
    plugin->init(plugin);
    plugin->activate(plugin, RATE, 1, size);
    plugin->start_processing(plugin);

    std::vector<float> in[2], out[2];
    std::mt19937 random(0);
    std::uniform_real_distribution<float> noise(-0.3f, 0.3f);
    for (int c = 0; c < 2; ++c) {
        in[c].resize(size);
        out[c].resize(size);
        std::generate(in[c].begin(), in[c].end(), [&] { return noise(random); });
    }
    float* inputs[] = {in[0].data(), in[1].data()};
    float* outputs[] = {out[0].data(), out[1].data()};
    clap_audio_buffer_t input{}, output{};
    input.data32 = inputs;
    output.data32 = outputs;
    input.channel_count = output.channel_count = 2;
    clap_input_events_t none{nullptr, [](const clap_input_events_t*) { return 0u; }, nullptr};
    clap_output_events_t ignored{nullptr, [](const clap_output_events_t*, const clap_event_header_t*) {
        return true;
    }};
    clap_process_t process{};
    process.steady_time = -1;
    process.frames_count = size;
    process.audio_inputs = &input;
    process.audio_outputs = &output;
    process.audio_inputs_count = process.audio_outputs_count = 1;
    process.in_events = &none;
    process.out_events = &ignored;

    using Clock = std::chrono::steady_clock;
    const auto block = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(size / RATE));
    auto* params = static_cast<const clap_plugin_params_t*>(plugin->get_extension(plugin, CLAP_EXT_PARAMS));
    const uint32_t engine = params->count(plugin) - 1;
    auto due = Clock::now();
    double state = 0.0;
    std::vector<double> microseconds;
    // Until the engine plays, and a while longer, nothing counts.
    int settling = static_cast<int>(2.0 * RATE / size);
    while (microseconds.size() < seconds * RATE / size) {
        std::this_thread::sleep_until(due += block);
        const auto begun = Clock::now();
        watched = true;
        plugin->process(plugin, &process);
        watched = false;
        const std::chrono::duration<double, std::micro> took = Clock::now() - begun;
        if (state != 1.0)
            params->get_value(plugin, engine, &state);
        else if (settling > 0)
            --settling;
        else
            microseconds.push_back(took.count());
    }
    std::sort(microseconds.begin(), microseconds.end());
    const auto at = [&](double share) { return microseconds[size_t(share * (microseconds.size() - 1))]; };
    const double budget = 1e6 * size / RATE;
    std::printf("%zu blocks of %u: p50 %.1f us, p99 %.1f us, p99.9 %.1f us, longest %.1f us; "
                "p99.9 is %.4f of the budget of %.0f us\n",
                microseconds.size(), size, at(0.5), at(0.99), at(0.999), microseconds.back(),
                at(0.999) / budget, budget);
    std::printf("allocations %ld, locks %ld\n", allocations, locks);
    plugin->stop_processing(plugin);
    plugin->deactivate(plugin);
    plugin->destroy(plugin);
}
