// Many rows as the caller holds them.
#pragma once

#include <atomic>
#include <cstdint>

#include "run.hpp"

namespace legdx {

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
    std::atomic<std::int64_t> next{0};
};

}  // namespace legdx
