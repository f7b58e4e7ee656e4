// Small buckets: a hidden variable all of whose factors lie over one block together. They are multiplied and summed in one
// step, forward, and back in another, as most variables of a row have few entries and would spend their time between steps.
#pragma once

#include "lanes.hpp"

namespace legdx {
namespace LEGDX_ISA {

// What a small bucket multiplies: the variable's own vector, a seed, a table that was made before, or a group.
struct Factor {
    enum class From { own, seed, table, group };
    From from = From::own;
    int index = 0;      // hidden variable, seed, table, or group
    int entries = 0;
    int offsets = 0;    // in the pool: where its entries lie over the block, or `lies_whole`
    int terms = 0;      // in the pool: for a block of one vector, which entries its adjoint sums; else
    int terms_end = 0;  // outer, size, inner of each axis that it lacks
};

// A product of factors over some axes.
struct Product {
    int first = 0, factors = 0;   // in the schedule
    int axes = 0, count = 0;      // in the schedule, ascending
    int block = 1;                // entries
};

// Factors that lie over one vector together: multiplied first, so that the whole block is gone over once for all of them.
struct Group : Product {
    int slot = 0;                 // in the arena
};

struct Bucket : Product {         // its own variable is the first axis; factors that lead to what is asked for stand last
    int variable = -1;
    int result = -1;              // table
    int leading = 0;
    int first_group = 0, groups = 0;
    int length = 1;               // entries of the result
    int product = 0, others = 0;  // in the arena: of all factors, and of those that do not lead
    int shifts = 0, repeats = 0;  // in the pool: lane k + length and so on; lane k of the result
    bool is_asked = false;
    bool is_prepared = false;
};

inline Values values_at(double* arena, int at, int count) {
    const int padded = padded_to_lanes(count);
    return {arena + at, arena + at + padded, arena + at + 2 * padded};
}

}  // namespace LEGDX_ISA
}  // namespace legdx
