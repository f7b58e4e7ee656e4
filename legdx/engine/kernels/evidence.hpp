// One row's answers, checked and carried over gates; the same as legdx/engine/evidence.py.
#pragma once

#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "network.hpp"
#include "run.hpp"

namespace legdx {
namespace LEGDX_ISA {

struct Answers {
    std::vector<double*> likelihood;  // of each variable, or null; the largest entry is 1
    std::vector<int> certain;         // the only possible state, or -1
    std::vector<int> observed;        // variables with a likelihood, ascending
    double log_constant = 0.0;        // what was divided out

    // Returns false when no state of some variable is left.
    bool read(const Network& network, const Row& row, Memory& memory);

private:
    double* own(const Network& network, int variable, Memory& memory);
    bool open_gates(const Network& network, int variable, Memory& memory);
};

}  // namespace LEGDX_ISA
}  // namespace legdx
