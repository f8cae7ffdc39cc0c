// What DPF has to know about the plug-in before it compiles its own sources.
#pragma once

#define DISTRHO_PLUGIN_BRAND "Innerear"
#define DISTRHO_PLUGIN_NAME "Innerear"
#define DISTRHO_PLUGIN_URI "urn:innerear:plugin"
#define DISTRHO_PLUGIN_CLAP_ID "innerear.plugin"

#define DISTRHO_PLUGIN_HAS_UI 0
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_NUM_INPUTS 2
#define DISTRHO_PLUGIN_NUM_OUTPUTS 2
#define DISTRHO_PLUGIN_WANT_FULL_STATE 1
#define DISTRHO_PLUGIN_WANT_LATENCY 1
#define DISTRHO_PLUGIN_WANT_MIDI_INPUT 1
#define DISTRHO_PLUGIN_WANT_PARAMETER_VALUE_CHANGE_REQUEST 1
#define DISTRHO_PLUGIN_WANT_STATE 1
#define DISTRHO_PLUGIN_WANT_TIMEPOS 1
#define DISTRHO_PLUGIN_CLAP_FEATURES "audio-effect", "stereo", "mono"
#define DISTRHO_PLUGIN_LV2_CATEGORY "lv2:SpectralPlugin"
#define DISTRHO_PLUGIN_VST3_CATEGORIES "Fx"

// DPF does not tell a plug-in whether the host renders offline, nor in mono. So each format's entry
// point is ours (Vst3Host.hpp, ClapHost.hpp, Lv2Host.hpp), and hands over to DPF's under these names.
#define GetPluginFactory dpfGetPluginFactory
#define clap_entry dpf_clap_entry
#define lv2_generate_ttl dpf_lv2_generate_ttl
