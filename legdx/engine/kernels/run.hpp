// A row as it is handed over, what is asked of it, and what comes back.
#pragma once

#include <algorithm>
#include <cstdint>

#include "network.hpp"

namespace legdx {

constexpr std::uint8_t unobserved = 255;

// A row as it is handed over: a byte a variable, and soft answers apart.
struct Row {
    const std::uint8_t* codes;  // one for each of `columns`: a state, or `unobserved`
    const int* columns;         // variable of each code
    int count;
    const int* soft_variables;
    const double* const* soft_values;  // likelihood of each state
    int soft_count;
};

struct Wanted {
    const int* variables;
    int count;
};

enum class Status : std::int32_t {
    done = 0,
    impossible = 1,   // the answers exclude each other whatever the numbers
    costly = 2,       // over the budget; nothing was computed
    unsure = 3,       // the bound on rounding is over the tolerance
};

struct Settings {
    double seconds = 1.0;       // predicted, of one row
    double bytes = 2e9;         // predicted, of one row
    double tolerance = 1e-13;   // bound on the error of a posterior, and on the relative error of P(evidence)
};

struct Cost {
    double entries = 0.0;  // multiplications of table entries, forward and back
    double bytes = 0.0;
    double seconds = 0.0;  // predicted
    double largest = 0.0;  // entries of the largest table
    double bound = 0.0;    // on the error, of what was computed

    void take_larger(const Cost& other) {
        entries = std::max(entries, other.entries);
        bytes = std::max(bytes, other.bytes);
        seconds = std::max(seconds, other.seconds);
        largest = std::max(largest, other.largest);
    }
};

// What is asked of every row, and where the answers go.
struct Task {
    const Network* network;
    Wanted wanted;
    Settings settings;
    bool only_cost;
    bool with_evidence;  // or the posteriors alone: what is coupled with none of them is left out
};

struct Answer {
    double* log_evidence;  // (draws)
    double* marginals;     // (draws, sum of the sizes of what is wanted)
    Status status;
    Cost cost;
};

}  // namespace legdx
