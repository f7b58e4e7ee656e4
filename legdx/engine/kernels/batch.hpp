// Many rows as the caller holds them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "run.hpp"

namespace legdx {

// Engines that no thread uses now, with some memory and the schedules that they have made, for the next caller. Of which
// kernels they are, only the kernels know. Nobody waits for another: a process that was forked off meanwhile could wait
// for ever.
class Engines {
public:
    Engines() { idle_.reserve(most_idle); }
    std::shared_ptr<void> take() {
        const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
        if (!lock.owns_lock() || idle_.empty()) return nullptr;
        std::shared_ptr<void> found = std::move(idle_.back());
        idle_.pop_back();
        return found;
    }
    void give_back(std::shared_ptr<void> engine) {
        const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
        if (lock.owns_lock() && idle_.size() < most_idle) idle_.push_back(std::move(engine));
    }

private:
    static constexpr std::size_t most_idle = 4;
    std::mutex mutex_;
    std::vector<std::shared_ptr<void>> idle_;
};

constexpr int cost_fields = 5;  // entries, bytes, seconds, largest, bound

struct Batch {
    std::int64_t rows;
    int columns;
    const std::int32_t* variables;   // (columns)
    const std::uint8_t* codes;       // (rows, columns)
    const std::int64_t* soft_start;  // (rows + 1), or null: where each row's soft answers begin
    const std::int32_t* soft_variables;
    const std::int64_t* soft_at;     // where each soft answer's likelihood begins in `soft_values`
    const double* soft_values;
    int width;                       // sum of the sizes of what is wanted
    double* log_evidence;            // (rows, draws)
    double* marginals;               // (rows, draws, width)
    std::int32_t* status;            // (rows)
    double* costs;                   // (rows, cost_fields)
    Engines* engines;
    std::atomic<std::int64_t> next{0};
};

}  // namespace legdx
