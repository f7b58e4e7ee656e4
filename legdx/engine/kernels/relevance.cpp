// Which variables have a say in a row at all.
#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {

void Reduction::find_relevant(Wanted wanted) {
    const int variables = network_->variables();
    relevant_.assign(variables, 0);
    wanted_.assign(variables, 0);
    used_.assign(variables, 0);
    queue_.clear();
    auto visit = [&](int i) {
        if (!relevant_[i]) relevant_[i] = 1, queue_.push_back(i);
    };
    for (int i : answers_->observed) visit(i);
    for (int k = 0; k < wanted.count; ++k) wanted_[wanted.variables[k]] = 1, visit(wanted.variables[k]);
    for (std::size_t at = 0; at < queue_.size(); ++at) {
        const int i = queue_[at];
        const Node& node = network_->nodes[i];
        if (is_gate_shut(i)) {
            used_[node.gate] = 1;
            visit(node.gate);
            continue;
        }
        const bool opened = node.gate >= 0 && is_gate_open(node.gate);
        for (int parent : node.parents) {
            visit(parent);
            const bool is_gate_only = opened && parent == node.gate && !node.gate_is_parent;
            if (!is_gate_only) used_[parent] = 1;
        }
    }
}

bool Reduction::is_hidden(int variable) const {
    return relevant_[variable] && answers_->certain[variable] < 0 &&
           (wanted_[variable] || used_[variable] || network_->nodes[variable].is_table);
}

// Whether an answer is "none of them": a product of one factor for each contribution, which ties none to another.
bool Reduction::splits(int variable) const {
    const Node& node = network_->nodes[variable];
    const bool gate_is_hidden = node.gate >= 0 && !is_gate_open(node.gate) && answers_->certain[node.gate] <= 0;
    return !node.is_table && answers_->certain[variable] == 0 && node.inhibitors.empty() && node.floor == 0 &&
           !gate_is_hidden;
}

int Reduction::group_of(int variable) {
    while (group_[variable] != variable) variable = group_[variable] = group_[group_[variable]];
    return variable;
}

// Join the hidden variables of a factor; each contribution on its own where it splits.
void Reduction::couple(int variable) {
    const Node& node = network_->nodes[variable];
    int first = -1;
    auto join = [&](int other) {
        if (!is_hidden(other)) return;
        if (first < 0) first = other;
        else group_[group_of(other)] = group_of(first);
    };
    auto join_all = [&](const std::vector<int>& others) {
        for (int other : others) join(other);
    };
    const bool apart = splits(variable);
    if (!apart) join(variable);
    if (is_gate_shut(variable)) {
        member_[variable] = first;
        return;
    }
    if (!apart && node.gate >= 0) join(node.gate);
    join_all(node.context);
    for (const Link& link : node.links) {
        if (apart) first = -1;
        join(link.parent);
        join_all(link.context);
    }
    for (const Inhibitor& inhibitor : node.inhibitors) join(inhibitor.parent);
    member_[variable] = first;
}

// Find the hidden variables that some chain of factors ties to what is asked for.
void Reduction::find_needed() {
    const int variables = network_->variables();
    group_.resize(variables);
    member_.assign(variables, -1);
    needed_.assign(variables, 0);
    for (int i = 0; i < variables; ++i) group_[i] = i;
    for (int i = 0; i < variables; ++i)
        if (relevant_[i]) couple(i);
    for (int i = 0; i < variables; ++i)
        if (wanted_[i] && is_hidden(i)) needed_[group_of(i)] = 1;
    for (int i = 0; i < variables; ++i)
        if (is_hidden(i)) needed_[i] = needed_[group_of(i)];
}

bool Reduction::is_needed(int parent, const std::vector<int>& context) const {
    if (parent >= 0 && is_hidden(parent)) return needed_[parent] != 0;
    for (int other : context)
        if (is_hidden(other)) return needed_[other] != 0;
    return false;
}

bool Reduction::is_gate_shut(int variable) const {
    const int gate = network_->nodes[variable].gate;
    return gate >= 0 && answers_->certain[gate] == 0;
}

bool Reduction::is_gate_open(int gate) const {
    return answers_->likelihood[gate] != nullptr && answers_->likelihood[gate][0] == 0.0;
}

}  // namespace LEGDX_ISA
}  // namespace legdx
