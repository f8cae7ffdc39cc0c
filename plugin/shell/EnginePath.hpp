// Which Python runs the engine: INNEREAR_PYTHON, or what the installer wrote beside the plug-in.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace innerear {

struct EnginePath {
    std::string python;      // empty where it is not known
    std::string pythonPath;  // for PYTHONPATH, beside what is there; may be empty
};

inline EnginePath findEngine() {
    EnginePath found;
    if (const char* named = std::getenv("INNEREAR_PYTHON"); named != nullptr && *named != '\0') {
        found.python = named;
        return found;
    }
    Dl_info self{};
    if (dladdr(reinterpret_cast<const void*>(&findEngine), &self) == 0)
        return found;
    const auto folder = std::filesystem::absolute(self.dli_fname).parent_path();
    for (const auto& place : {folder / "python.txt", folder / ".." / "Resources" / "python.txt"}) {
        std::ifstream file(place);
        if (!std::getline(file, found.python))
            continue;
        for (std::string line; std::getline(file, line);) {
            if (!line.empty())
                found.pythonPath += (found.pythonPath.empty() ? "" : ":") + line;
        }
        return found;
    }
    return found;
}

}  // namespace innerear
