// LV2's description: DPF's, with the control by which hosts say that they render offline.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#undef lv2_generate_ttl

DISTRHO_PLUGIN_EXPORT
void dpf_lv2_generate_ttl(const char* basename);

DISTRHO_PLUGIN_EXPORT
void lv2_generate_ttl(const char* basename);

void lv2_generate_ttl(const char* basename) {
    dpf_lv2_generate_ttl(basename);
    const std::string path = std::string(basename) + ".ttl";
    std::ifstream before(path);
    std::string text{std::istreambuf_iterator<char>(before), {}};
    const std::string symbol = "lv2:symbol \"freewheel\" ;";
    const size_t at = text.find(symbol);
    if (at != std::string::npos)
        text.insert(at, "lv2:designation lv2:freeWheeling ;\n        ");
    std::ofstream(path) << text;
}
