// The network as flat arrays; the same meanings as legdx/network/records.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pair.hpp"

namespace legdx {

struct Link {
    int parent;
    std::vector<int> context;
    std::size_t at;   // its numbers: (context states, parent states, levels), the last fastest
    std::size_t row;  // of the first of them, in `lowest`
};

struct Inhibitor {
    int parent;
    std::size_t at;
};

struct Node {
    bool is_table = false;
    std::vector<int> context;  // of a table: its parents
    std::size_t at = 0;        // leak, or the table
    std::size_t row = 0;       // of the leak's first, in `lowest`
    std::vector<Link> links;
    std::vector<Inhibitor> inhibitors;
    int gate = -1;
    int floor = 0;
    bool gate_is_parent = false;  // in a context, a link or an inhibitor, too
    std::vector<int> parents;     // every parent once, the gate among them
};

struct Network {
    std::vector<int> sizes;
    std::vector<Node> nodes;
    std::size_t count = 0;  // numbers of one draw
    std::size_t rows = 0;   // of leaks and links
    int draws = 0;
    std::vector<double> numbers;  // (draws, count)
    std::vector<Pair> lowest;     // (rows), of a single draw: the probability of the lowest level
    std::uint64_t serial = 0;     // no other network has it
    int most_states = 0;          // of a variable

    int variables() const { return static_cast<int>(sizes.size()); }
};

// P(this level or a lower one), from a row of the probabilities of each. A row sums to 1 but for rounding. What it lacks is
// given to the largest of them: all others come back as differences of two results with every digit, however small they are.
Pair cumulative(const double* row, int level, int levels);

// Read the stream that legdx/engine/compiled.py writes; returns false when it does not fit.
bool read_network(const std::int64_t* words, std::size_t length, Network& network);

// Take the numbers of the network's draws.
void take_numbers(const double* numbers, int draws, Network& network);

}  // namespace legdx
