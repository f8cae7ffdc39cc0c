// VST3's entry point: DPF's, with what each block says of offline rendering, with mono, and without
// the 2,080 parameters that stand for MIDI controllers in the list that a host shows.
#pragma once

#include <map>
#include <mutex>

#include "HostBlock.hpp"
#include "src/DistrhoPluginVST.hpp"
#include "src/travesty/audio_processor.h"
#include "src/travesty/component.h"
#include "src/travesty/edit_controller.h"
#include "src/travesty/factory.h"

#undef GetPluginFactory

DISTRHO_PLUGIN_EXPORT
const void* dpfGetPluginFactory(void);

namespace innerear::vst3 {

inline v3_audio_processor original;        // DPF's functions, the same for all instances
inline v3_edit_controller originalController;
inline v3_plugin_factory originalFactory;
inline decltype(v3_funknown::query_interface) originalQuery;
inline std::mutex mutex;                   // never locked by the audio thread
inline std::map<void*, int> monoBuses;     // instances that the host uses in mono

inline v3_result V3_API process(void* self, v3_process_data* data) {
    hostBlock.offline = data->process_mode == V3_OFFLINE;
    const bool hasBus = data->num_input_buses > 0 && data->inputs != nullptr;
    hostBlock.channels = hasBus && data->inputs->num_channels == 1 ? 1 : 2;
    return original.process(self, data);
}

inline v3_result V3_API setBusArrangements(void* self, v3_speaker_arrangement* inputs, int32_t inputCount,
                                           v3_speaker_arrangement* outputs, int32_t outputCount) {
    const bool mono = inputCount == 1 && outputCount == 1 && inputs[0] == V3_SPEAKER_M &&
                      outputs[0] == V3_SPEAKER_M;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        monoBuses.erase(self);
        if (mono)
            monoBuses[self] = 1;
    }
    busChannels = mono ? 1 : 2;
    return mono ? V3_OK : original.set_bus_arrangements(self, inputs, inputCount, outputs, outputCount);
}

inline v3_result V3_API getBusArrangement(void* self, int32_t direction, int32_t index,
                                          v3_speaker_arrangement* arrangement) {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (index == 0 && monoBuses.count(self) != 0) {
            *arrangement = V3_SPEAKER_M;
            return V3_OK;
        }
    }
    return original.get_bus_arrangement(self, direction, index, arrangement);
}

// Hosts find the controllers' parameters through the MIDI mapping, by id. Listed, they would bury ours.
constexpr int32_t FIRST_HIDDEN = DISTRHO_NAMESPACE::kVst3InternalParameterMidiCC_start;
constexpr int32_t HIDDEN = DISTRHO_NAMESPACE::kVst3InternalParameterMidiCC_end - FIRST_HIDDEN;

inline int32_t V3_API getParameterCount(void* self) {
    return originalController.get_parameter_count(self) - HIDDEN;
}

inline v3_result V3_API getParameterInfo(void* self, int32_t index, v3_param_info* info) {
    return originalController.get_parameter_info(self, index < FIRST_HIDDEN ? index : index + HIDDEN, info);
}

inline v3_result V3_API queryInterface(void* self, const v3_tuid id, void** found) {
    const v3_result result = originalQuery(self, id, found);
    if (result != V3_OK)
        return result;
    const std::lock_guard<std::mutex> lock(mutex);
    if (v3_tuid_match(id, v3_audio_processor_iid)) {
        v3_audio_processor& its = (*static_cast<v3_audio_processor_cpp**>(*found))->proc;
        if (its.process != process) {
            monoBuses.erase(*found);  // of an instance that was there before
            original = its;
            its.process = process;
            its.set_bus_arrangements = setBusArrangements;
            its.get_bus_arrangement = getBusArrangement;
        }
    }
    if (v3_tuid_match(id, v3_edit_controller_iid)) {
        v3_edit_controller& its = (*static_cast<v3_edit_controller_cpp**>(*found))->ctrl;
        if (its.get_parameter_count != getParameterCount) {
            originalController = its;
            its.get_parameter_count = getParameterCount;
            its.get_parameter_info = getParameterInfo;
        }
    }
    return result;
}

inline v3_result V3_API createInstance(void* self, const v3_tuid classId, const v3_tuid interfaceId,
                                       void** instance) {
    const v3_result result = originalFactory.create_instance(self, classId, interfaceId, instance);
    if (result != V3_OK)
        return result;
    v3_funknown& component = **static_cast<v3_funknown**>(*instance);
    originalQuery = component.query_interface;
    component.query_interface = queryInterface;
    return result;
}

}  // namespace innerear::vst3

DISTRHO_PLUGIN_EXPORT
const void* GetPluginFactory(void);

const void* GetPluginFactory(void) {
    const void* made = dpfGetPluginFactory();
    auto* factory = *static_cast<v3_plugin_factory_cpp* const*>(made);
    innerear::vst3::originalFactory = factory->v1;
    factory->v1.create_instance = innerear::vst3::createInstance;
    return made;
}
