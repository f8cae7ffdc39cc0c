// CLAP's entry point: DPF's, with the extension by which hosts say that they render offline, and
// with what the engine tells of parameters.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "HostBlock.hpp"
#include "src/clap/entry.h"
#include "src/clap/events.h"
#include "src/clap/plugin-factory.h"

extern "C" const clap_plugin_entry_t dpf_clap_entry;

#undef clap_entry

namespace innerear::clap {

// CLAP's extension "clap.render", which is not among the headers that come with DPF.
struct Render {
    bool(CLAP_ABI* hasHardRealtimeRequirement)(const clap_plugin_t* plugin);
    bool(CLAP_ABI* set)(const clap_plugin_t* plugin, int32_t mode);
};
constexpr const char* RENDER = "clap.render";
constexpr int32_t OFFLINE = 1;

// A copy of DPF's plug-in with some functions replaced; DPF's read its `plugin_data` alone.
struct Wrapped {
    clap_plugin_t plugin;
    const clap_plugin_t* original;
    std::atomic<bool> offline;
};

inline Wrapped* wrapped(const clap_plugin_t* plugin) {
    return reinterpret_cast<Wrapped*>(const_cast<clap_plugin_t*>(plugin));  // the first member
}

inline bool hasHardRealtime(const clap_plugin_t*) {
    return false;
}

inline bool setMode(const clap_plugin_t* plugin, int32_t mode) {
    wrapped(plugin)->offline = mode == OFFLINE;
    return true;
}

inline const void* getExtension(const clap_plugin_t* plugin, const char* id) {
    static constexpr Render render = {hasHardRealtime, setMode};
    if (std::strcmp(id, RENDER) == 0)
        return &render;
    return wrapped(plugin)->original->get_extension(plugin, id);
}

inline void tell(const clap_process_t& process) {
    for (uint32_t id = 0; hostBlock.changed != 0; ++id, hostBlock.changed >>= 1) {
        if ((hostBlock.changed & 1) == 0 || process.out_events == nullptr)
            continue;
        clap_event_param_value_t event{};
        event.header = {sizeof(event), std::max(process.frames_count, 1u) - 1, CLAP_CORE_EVENT_SPACE_ID,
                        CLAP_EVENT_PARAM_VALUE, CLAP_EVENT_IS_LIVE};
        event.param_id = id;
        event.note_id = -1;
        event.port_index = event.channel = event.key = -1;
        event.value = hostBlock.values[id];
        process.out_events->try_push(process.out_events, &event.header);
    }
}

inline clap_process_status process(const clap_plugin_t* plugin, const clap_process_t* process) {
    hostBlock.offline = wrapped(plugin)->offline;
    hostBlock.channels = 2;
    hostBlock.changed = 0;
    const clap_process_status status = wrapped(plugin)->original->process(plugin, process);
    tell(*process);
    return status;
}

inline void destroy(const clap_plugin_t* plugin) {
    const clap_plugin_t* original = wrapped(plugin)->original;
    original->destroy(original);
    delete wrapped(plugin);
}

inline const clap_plugin_factory_t* factory() {
    return static_cast<const clap_plugin_factory_t*>(dpf_clap_entry.get_factory(CLAP_PLUGIN_FACTORY_ID));
}

inline const clap_plugin_t* createPlugin(const clap_plugin_factory_t*, const clap_host_t* host,
                                         const char* id) {
    const clap_plugin_t* original = factory()->create_plugin(factory(), host, id);
    if (original == nullptr)
        return nullptr;
    auto* made = new Wrapped{*original, original, false};
    made->plugin.destroy = destroy;
    made->plugin.get_extension = getExtension;
    made->plugin.process = process;
    return &made->plugin;
}

inline uint32_t getPluginCount(const clap_plugin_factory_t*) {
    return factory()->get_plugin_count(factory());
}

inline const clap_plugin_descriptor_t* getPluginDescriptor(const clap_plugin_factory_t*, uint32_t index) {
    return factory()->get_plugin_descriptor(factory(), index);
}

inline const void* getFactory(const char* id) {
    static constexpr clap_plugin_factory_t ours = {getPluginCount, getPluginDescriptor, createPlugin};
    return std::strcmp(id, CLAP_PLUGIN_FACTORY_ID) == 0 ? &ours : nullptr;
}

inline bool init(const char* path) {
    return dpf_clap_entry.init(path);
}

inline void deinit() {
    dpf_clap_entry.deinit();
}

}  // namespace innerear::clap

DISTRHO_PLUGIN_EXPORT
const clap_plugin_entry_t clap_entry = {CLAP_VERSION, innerear::clap::init, innerear::clap::deinit,
                                        innerear::clap::getFactory};
