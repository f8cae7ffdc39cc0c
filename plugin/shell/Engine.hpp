// The engine's process: started, restarted when it ends, and ended with the plug-in. One thread of
// the shell's own does that; the audio thread only reads `state()`.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "Channel.hpp"
#include "EnginePath.hpp"

extern char** environ;

namespace innerear {

enum class EngineState { starting = 0, playing = 1, missing = 2 };

class Engine {
public:
    ~Engine() { stop(); }

    // Makes the shared memory and starts the process, unless both are there. Not for the audio thread.
    void start(double sampleRate, int channels, uint32_t blockSize) {
        if (channel_ == nullptr && !makeChannel(sampleRate, channels, blockSize)) {
            state_ = EngineState::missing;
            return;
        }
        if (!thread_.joinable())
            thread_ = std::thread([this] { supervise(); });
    }

    // Null before the first start, and where there is no memory.
    Channel* channel() const noexcept { return channel_; }

    EngineState state() const noexcept {
        return state_.load(std::memory_order_relaxed);
    }

    void setPlaying(bool playing) noexcept {
        EngineState expected = playing ? EngineState::starting : EngineState::playing;
        state_.compare_exchange_strong(expected,
                                       playing ? EngineState::playing : EngineState::starting);
    }

    void stop() {
        if (thread_.joinable()) {
            {
                const std::lock_guard<std::mutex> lock(mutex_);
                ending_ = true;
            }
            wake_.notify_all();
            thread_.join();
        }
        if (channel_ != nullptr) {
            munmap(channel_, sizeof(Channel));
            channel_ = nullptr;
            std::error_code ignored;
            // An engine that ends with the host takes its file away; the last of engine and clients
            // deletes the folder then.
            if (!endedByItself_ || std::filesystem::exists(folder_ + "/" + HOST_FILE, ignored))
                std::filesystem::remove_all(folder_, ignored);
            close(hostFile_);
            hostFile_ = -1;
        }
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto POLL = std::chrono::milliseconds(20);
    static constexpr auto END = std::chrono::seconds(5);
    static constexpr auto RETRY = std::chrono::seconds(5);
    // An engine that has lived for so long did not fail at its start.
    static constexpr auto STEADY = std::chrono::seconds(30);
    static constexpr auto STARTED = std::chrono::seconds(120);  // by then its heart has beaten once
    static constexpr auto HUNG = std::chrono::seconds(10);
    static constexpr int MOST_FAILURES = 3;
    static constexpr const char* HOST_FILE = "host";  // as in engine/ipc/host_channel.py

    bool makeChannel(double sampleRate, int channels, uint32_t blockSize) {
        const char* const parents[] = {"/dev/shm", std::getenv("TMPDIR"), "/tmp"};
        for (const char* parent : parents) {
            if (parent == nullptr)
                continue;
            std::string folder = std::string(parent) + "/innerear-XXXXXX";
            if (mkdtemp(folder.data()) == nullptr)
                continue;
            const int file = open((folder + "/" + HOST_FILE).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            void* memory = MAP_FAILED;
            // The lock says that the folder is used; it goes with us, however we end.
            if (file >= 0 && flock(file, LOCK_SH) == 0 &&
                posix_fallocate(file, 0, sizeof(Channel)) == 0)
                memory = mmap(nullptr, sizeof(Channel), PROT_READ | PROT_WRITE,
                              MAP_SHARED, file, 0);
            if (memory != MAP_FAILED) {
                std::memset(memory, 0, sizeof(Channel));  // every page is there before sound comes
                auto* channel = static_cast<Channel*>(memory);
                channel->magic = MAGIC;
                channel->size = sizeof(Channel);
                channel->sampleRate = sampleRate;
                channel->channels = channels;
                channel->blockSize = blockSize;
                channel->latency = -1;
                if (sem_init(&channel->toEngine, 1, 0) == 0 &&
                    sem_init(&channel->toShell, 1, 0) == 0) {
                    folder_ = folder;
                    channel_ = channel;
                    hostFile_ = file;
                    return true;
                }
                munmap(memory, sizeof(Channel));
            }
            if (file >= 0)
                close(file);
            std::error_code ignored;
            std::filesystem::remove_all(folder, ignored);
        }
        return false;
    }

    void supervise() {
        std::unique_lock<std::mutex> lock(mutex_);
        int failures = 0;
        int64_t taken = 0;
        Clock::time_point begun;
        while (!ending_) {
            if (pid_ == 0) {
                state_ = failures < MOST_FAILURES ? EngineState::starting : EngineState::missing;
                if (failures >= MOST_FAILURES)
                    wake_.wait_for(lock, RETRY, [this] { return ending_; });
                if (ending_)
                    break;
                taken = channel_->taken;
                beat_ = channel_->heartbeat;
                beatTime_ = begun = Clock::now();
                hasBeaten_ = false;
                if (!spawn()) {
                    failures = MOST_FAILURES;
                    continue;
                }
            }
            wake_.wait_for(lock, POLL, [this] { return ending_; });
            if (ending_)
                break;
            // A block that ends every engine is none that it has played.
            if (channel_->plays == 0)  // it is being loaded
                begun = Clock::now();
            const bool isSteady = Clock::now() - begun > STEADY;
            if (channel_->plays != 0 && (channel_->taken != taken || isSteady))
                failures = 0;
            setPlaying(channel_->plays != 0);
            if (hangs())
                kill(pid_, SIGKILL);
            if (hasEnded()) {
                channel_->ready = channel_->plays = 0;  // from here on the dry sound plays
                ++failures;
                forget();
            }
        }
        if (pid_ != 0)
            endProcess();
    }

    bool hangs() {
        const int64_t beat = channel_->heartbeat;
        if (beat != beat_) {
            beat_ = beat;
            beatTime_ = Clock::now();
            hasBeaten_ = true;
        }
        return Clock::now() - beatTime_ > (hasBeaten_ ? HUNG : STARTED);
    }

    bool spawn() {
        const EnginePath path = findEngine();
        int pipe[2];
        if (path.python.empty() || pipe2(pipe, O_CLOEXEC) != 0)
            return false;
        std::vector<std::string> variables;
        for (char** each = environ; *each != nullptr; ++each)
            variables.emplace_back(*each);
        addPythonPath(variables, path.pythonPath);
        std::vector<char*> environment;
        for (auto& each : variables)
            environment.push_back(each.data());
        environment.push_back(nullptr);
        std::string python = path.python, safe = "-P";  // imports nothing from the host's folder
        std::string option = "-m", module = "innerear.engine.live.plugin_server", folder = folder_;
        char* arguments[] = {python.data(), safe.data(),   option.data(),
                             module.data(), folder.data(), nullptr};

        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[0], 0);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, (folder_ + "/server.log").c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0600);
        posix_spawnattr_t attributes;  // whatever signals the host blocks or ignores
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
        const int refused = posix_spawnp(&pid_, python.c_str(), &actions, &attributes, arguments,
                                         environment.data());
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        close(pipe[0]);
        if (refused != 0) {
            close(pipe[1]);
            pid_ = 0;
            return false;
        }
        leash_ = pipe[1];  // the engine ends when this closes: with the plug-in, or with the host
        return true;
    }

    static void addPythonPath(std::vector<std::string>& variables, const std::string& path) {
        if (path.empty())
            return;
        for (auto& each : variables) {
            if (each.rfind("PYTHONPATH=", 0) == 0) {
                each.insert(std::strlen("PYTHONPATH="), path + ":");
                return;
            }
        }
        variables.push_back("PYTHONPATH=" + path);
    }

    bool hasEnded() const {
        const pid_t found = waitpid(pid_, nullptr, WNOHANG);
        return found == pid_ || (found < 0 && kill(pid_, 0) != 0);
    }

    void endProcess() {
        close(leash_);
        leash_ = -1;
        const auto deadline = Clock::now() + END;
        endedByItself_ = true;
        while (!hasEnded()) {
            if (Clock::now() > deadline) {
                endedByItself_ = false;
                kill(pid_, SIGKILL);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        forget();
    }

    void forget() {
        if (leash_ >= 0)
            close(leash_);
        leash_ = -1;
        pid_ = 0;
    }

    Channel* channel_ = nullptr;
    int hostFile_ = -1;
    std::string folder_;
    std::atomic<EngineState> state_{EngineState::starting};
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ending_ = false;
    bool endedByItself_ = false;
    pid_t pid_ = 0;
    int leash_ = -1;
    int64_t beat_ = 0;
    Clock::time_point beatTime_;
    bool hasBeaten_ = false;
};

}  // namespace innerear
