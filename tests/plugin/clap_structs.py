"""The structures of the CLAP interface, version 1.1, as far as the host of the tests needs them."""

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int16,
    c_int32,
    c_int64,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)

FACTORY = b"clap.plugin-factory"
PARAMS, STATE, LATENCY = b"clap.params", b"clap.state", b"clap.latency"
AUDIO_PORTS, RENDER, THREAD_CHECK = b"clap.audio-ports", b"clap.render", b"clap.thread-check"
CORE_EVENTS = 0
PARAM_VALUE, TRANSPORT, MIDI = 5, 9, 10
HAS_TEMPO, HAS_BEATS, HAS_SIGNATURE, IS_PLAYING = 1 << 0, 1 << 1, 1 << 3, 1 << 4
IS_READONLY = 1 << 3


class Version(Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("revision", c_uint32)]


Strings = POINTER(c_char_p)


class Descriptor(Structure):
    _fields_ = [
        ("clap_version", Version),
        *((name, c_char_p) for name in ("id", "name", "vendor", "url", "manual_url")),
        *((name, c_char_p) for name in ("support_url", "version", "description")),
        ("features", Strings),
    ]


class Host(Structure):
    _fields_ = [
        ("clap_version", Version),
        ("host_data", c_void_p),
        *((name, c_char_p) for name in ("name", "vendor", "url", "version")),
        ("get_extension", CFUNCTYPE(c_void_p, c_void_p, c_char_p)),
        ("request_restart", CFUNCTYPE(None, c_void_p)),
        ("request_process", CFUNCTYPE(None, c_void_p)),
        ("request_callback", CFUNCTYPE(None, c_void_p)),
    ]


class HostParams(Structure):
    _fields_ = [
        ("rescan", CFUNCTYPE(None, c_void_p, c_uint32)),
        ("clear", CFUNCTYPE(None, c_void_p, c_uint32, c_uint32)),
        ("request_flush", CFUNCTYPE(None, c_void_p)),
    ]


class HostLatency(Structure):
    _fields_ = [("changed", CFUNCTYPE(None, c_void_p))]


class HostThreadCheck(Structure):
    _fields_ = [
        ("is_main_thread", CFUNCTYPE(c_bool, c_void_p)),
        ("is_audio_thread", CFUNCTYPE(c_bool, c_void_p)),
    ]


class EventHeader(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("time", c_uint32),
        ("space_id", c_uint16),
        ("type", c_uint16),
        ("flags", c_uint32),
    ]


class ParamValue(Structure):
    _fields_ = [
        ("header", EventHeader),
        ("param_id", c_uint32),
        ("cookie", c_void_p),
        ("note_id", c_int32),
        ("port_index", c_int16),
        ("channel", c_int16),
        ("key", c_int16),
        ("value", c_double),
    ]


class InputEvents(Structure):
    _fields_ = [
        ("ctx", c_void_p),
        ("size", CFUNCTYPE(c_uint32, c_void_p)),
        ("get", CFUNCTYPE(c_void_p, c_void_p, c_uint32)),
    ]


class OutputEvents(Structure):
    _fields_ = [
        ("ctx", c_void_p),
        ("try_push", CFUNCTYPE(c_bool, c_void_p, POINTER(EventHeader))),
    ]


class AudioBuffer(Structure):
    _fields_ = [
        ("data32", POINTER(POINTER(c_float))),
        ("data64", c_void_p),
        ("channel_count", c_uint32),
        ("latency", c_uint32),
        ("constant_mask", c_uint64),
    ]


class MidiMessage(Structure):
    _fields_ = [("header", EventHeader), ("port_index", c_uint16), ("data", c_uint8 * 3)]


class Transport(Structure):
    _fields_ = [
        ("header", EventHeader),
        ("flags", c_uint32),
        ("song_pos_beats", c_int64),
        ("song_pos_seconds", c_int64),
        ("tempo", c_double),
        ("tempo_inc", c_double),
        ("loop", c_int64 * 4),
        ("bar_start", c_int64),
        ("bar_number", c_int32),
        ("tsig_num", c_uint16),
        ("tsig_denom", c_uint16),
    ]


class Process(Structure):
    _fields_ = [
        ("steady_time", c_int64),
        ("frames_count", c_uint32),
        ("transport", c_void_p),
        ("audio_inputs", POINTER(AudioBuffer)),
        ("audio_outputs", POINTER(AudioBuffer)),
        ("audio_inputs_count", c_uint32),
        ("audio_outputs_count", c_uint32),
        ("in_events", POINTER(InputEvents)),
        ("out_events", POINTER(OutputEvents)),
    ]


class Plugin(Structure):
    _fields_ = [
        ("desc", POINTER(Descriptor)),
        ("plugin_data", c_void_p),
        ("init", CFUNCTYPE(c_bool, c_void_p)),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("activate", CFUNCTYPE(c_bool, c_void_p, c_double, c_uint32, c_uint32)),
        ("deactivate", CFUNCTYPE(None, c_void_p)),
        ("start_processing", CFUNCTYPE(c_bool, c_void_p)),
        ("stop_processing", CFUNCTYPE(None, c_void_p)),
        ("reset", CFUNCTYPE(None, c_void_p)),
        ("process", CFUNCTYPE(c_int32, c_void_p, POINTER(Process))),
        ("get_extension", CFUNCTYPE(c_void_p, c_void_p, c_char_p)),
        ("on_main_thread", CFUNCTYPE(None, c_void_p)),
    ]


class Factory(Structure):
    _fields_ = [
        ("get_plugin_count", CFUNCTYPE(c_uint32, c_void_p)),
        ("get_plugin_descriptor", CFUNCTYPE(POINTER(Descriptor), c_void_p, c_uint32)),
        ("create_plugin", CFUNCTYPE(POINTER(Plugin), c_void_p, POINTER(Host), c_char_p)),
    ]


class Entry(Structure):
    _fields_ = [
        ("clap_version", Version),
        ("init", CFUNCTYPE(c_bool, c_char_p)),
        ("deinit", CFUNCTYPE(None)),
        ("get_factory", CFUNCTYPE(c_void_p, c_char_p)),
    ]


class ParamInfo(Structure):
    _fields_ = [
        ("id", c_uint32),
        ("flags", c_uint32),
        ("cookie", c_void_p),
        ("name", c_char * 256),
        ("module", c_char * 1024),
        ("min_value", c_double),
        ("max_value", c_double),
        ("default_value", c_double),
    ]


class Params(Structure):
    _fields_ = [
        ("count", CFUNCTYPE(c_uint32, c_void_p)),
        ("get_info", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(ParamInfo))),
        ("get_value", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(c_double))),
        (
            "value_to_text",
            CFUNCTYPE(c_bool, c_void_p, c_uint32, c_double, c_char_p, c_uint32),
        ),
        ("text_to_value", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_char_p, POINTER(c_double))),
        ("flush", CFUNCTYPE(None, c_void_p, POINTER(InputEvents), POINTER(OutputEvents))),
    ]


class Stream(Structure):
    _fields_ = [
        ("ctx", c_void_p),
        ("move", CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)),
    ]


class State(Structure):
    _fields_ = [
        ("save", CFUNCTYPE(c_bool, c_void_p, POINTER(Stream))),
        ("load", CFUNCTYPE(c_bool, c_void_p, POINTER(Stream))),
    ]


class Latency(Structure):
    _fields_ = [("get", CFUNCTYPE(c_uint32, c_void_p))]


class Render(Structure):
    _fields_ = [
        ("has_hard_realtime_requirement", CFUNCTYPE(c_bool, c_void_p)),
        ("set", CFUNCTYPE(c_bool, c_void_p, c_int32)),
    ]


class AudioPortInfo(Structure):
    _fields_ = [
        ("id", c_uint32),
        ("name", c_char * 256),
        ("flags", c_uint32),
        ("channel_count", c_uint32),
        ("port_type", c_char_p),
        ("in_place_pair", c_uint32),
    ]


class AudioPorts(Structure):
    _fields_ = [
        ("count", CFUNCTYPE(c_uint32, c_void_p, c_bool)),
        ("get", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_bool, POINTER(AudioPortInfo))),
    ]
