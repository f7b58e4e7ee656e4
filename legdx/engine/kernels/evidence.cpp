#include "evidence.hpp"

#include <algorithm>
#include <cmath>

namespace legdx {
namespace LEGDX_ISA {
namespace {

bool any(const double* values, int from, int to) {
    return std::any_of(values + from, values + to, [](double value) { return value != 0.0; });
}

}  // namespace

double* Answers::own(const Network& network, int variable, Memory& memory) {
    double*& values = likelihood[variable];
    if (values == nullptr) {
        values = memory.take(network.sizes[variable]);
        std::fill(values, values + network.sizes[variable], 1.0);
        observed.push_back(variable);
    }
    return values;
}

bool Answers::read(const Network& network, const Row& row, Memory& memory) {
    likelihood.assign(network.variables(), nullptr);
    certain.assign(network.variables(), -1);
    observed.clear();
    log_constant = 0.0;
    for (int k = 0; k < row.count; ++k) {
        if (row.codes[k] == unobserved) continue;
        double* values = own(network, row.columns[k], memory);
        std::fill(values, values + network.sizes[row.columns[k]], 0.0);
        values[row.codes[k]] = 1.0;
    }
    for (int k = 0; k < row.soft_count; ++k) {
        const int variable = row.soft_variables[k];
        std::copy(row.soft_values[k], row.soft_values[k] + network.sizes[variable], own(network, variable, memory));
        if (!any(likelihood[variable], 0, network.sizes[variable])) return false;
    }
    std::sort(observed.begin(), observed.end());
    const std::vector<int> given = observed;
    for (auto variable = given.rbegin(); variable != given.rend(); ++variable)
        if (!open_gates(network, *variable, memory)) return false;
    std::sort(observed.begin(), observed.end());
    for (int variable : observed) {
        double* values = likelihood[variable];
        const int size = network.sizes[variable];
        const int gate = network.nodes[variable].gate;
        if (gate >= 0 && likelihood[gate] != nullptr && !any(likelihood[gate], 1, network.sizes[gate])) {
            log_constant += std::log(values[0]);
            std::fill(values, values + size, 0.0);
            values[0] = 1.0;
        }
        const double top = *std::max_element(values, values + size);
        log_constant += std::log(top);
        for (int state = 0; state < size; ++state) values[state] /= top;
    }
    auto says_nothing = [&](int variable) {
        double* values = likelihood[variable];
        return std::all_of(values, values + network.sizes[variable], [&](double v) { return v == values[0]; });
    };
    for (int variable : observed)
        if (says_nothing(variable)) likelihood[variable] = nullptr;
    observed.erase(
        std::remove_if(observed.begin(), observed.end(), [&](int v) { return likelihood[v] == nullptr; }),
        observed.end());
    for (int variable : observed) {
        const double* values = likelihood[variable];
        int possible = 0, last = -1;
        for (int state = 0; state < network.sizes[variable]; ++state)
            if (values[state] != 0.0) ++possible, last = state;
        certain[variable] = possible == 1 ? last : -1;
    }
    return true;
}

bool Answers::open_gates(const Network& network, int variable, Memory& memory) {
    for (int gate = network.nodes[variable].gate; gate >= 0; gate = network.nodes[variable].gate) {
        const double* values = likelihood[variable];
        const int size = network.sizes[gate];
        const bool is_on = values[0] == 0.0;
        if (!is_on && !(network.nodes[variable].floor > 0 && !any(values, 1, network.sizes[variable]))) return true;
        double* allowed = own(network, gate, memory);
        if (is_on)
            allowed[0] = 0.0;
        else
            std::fill(allowed + 1, allowed + size, 0.0);
        if (!any(allowed, 0, size)) return false;
        variable = gate;
    }
    return true;
}

}  // namespace LEGDX_ISA
}  // namespace legdx
