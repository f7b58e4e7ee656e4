// The factors that a noisy-MAX variable comes to: the same as legdx/engine/reduction.py, in switch form.
#include <algorithm>
#include <cmath>

#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr int direct_entries = 32;  // a noisy-MAX of two hidden parents and at most this size is written out
const std::vector<int> lowest{0};

}  // namespace

struct Reduction::Terms {
    int levels = 0;
    int floor = 0;
    int gate = -1;           // the hidden gate, as a hidden variable
    int own = -1;            // the variable itself where it is hidden
    bool is_inhibited = false;
    const double* likelihood = nullptr;  // of the levels, where `own` is not hidden
};

// Whether a row of numbers has all its mass at the lowest level.
bool Reduction::is_lowest(std::size_t at, int levels) const {
    const double* row = numbers_ + at;
    return row[0] == 1.0 && std::all_of(row + 1, row + levels, [](double value) { return value == 0.0; });
}

void Reduction::add_noisy_max(int variable) {
    const Node& node = network_->nodes[variable];
    Terms terms;
    terms.levels = network_->sizes[variable];
    terms.floor = node.floor;
    terms.own = problem_->place[variable];
    terms.is_inhibited = !node.inhibitors.empty();
    const bool gate_is_hidden = node.gate >= 0 && !is_gate_open(node.gate) && answers_->certain[node.gate] <= 0;
    if (gate_is_hidden) terms.gate = problem_->place[node.gate];
    if (terms.own < 0) terms.likelihood = answers_->likelihood[variable];
    contributions_.resize(1 + node.links.size());
    settle(node.at, node.context, -1, terms.levels, contributions_[0]);
    for (std::size_t k = 0; k < node.links.size(); ++k)
        settle(node.links[k].at, node.links[k].context, node.links[k].parent, terms.levels, contributions_[k + 1]);
    const bool is_at_lowest = terms.own < 0 && answers_->certain[variable] == 0;
    if (is_at_lowest && !terms.is_inhibited && terms.floor == 0) return add_as_gate(terms);  // else it splits
    if (!terms.is_inhibited && add_directly(terms)) return;
    add_through_switch(variable, terms);
}

// "None of them": a product of one factor for each contribution, as far as it says something about what is asked for.
void Reduction::add_absent(int variable) {
    const Node& node = network_->nodes[variable];
    const int levels = network_->sizes[variable];
    add_lowest(node.context, -1, node.at, node.row, levels);
    for (const Link& link : node.links) add_lowest(link.context, link.parent, link.at, link.row, levels);
}

// The probability that a contribution leaves the lowest level; of the leak where there is no parent.
void Reduction::add_lowest(const std::vector<int>& context, int parent, std::size_t at, std::size_t row, int levels) {
    if (!with_evidence_ && !is_needed(parent, context)) return;
    std::size_t cell = 0;
    bool is_simple = true;
    for (int other : context) {
        is_simple &= answers_->certain[other] >= 0;
        cell = cell * static_cast<std::size_t>(network_->sizes[other]) + static_cast<std::size_t>(answers_->certain[other]);
    }
    if (!is_simple) {
        Contribution one;
        settle(at, context, parent, levels, one);
        return add_contribution(one, levels, lowest, -1);
    }
    const int states = parent < 0 ? 1 : network_->sizes[parent], depth = levels * levels + 1;
    const auto factor = [&](int state) {
        const std::size_t place = cell * static_cast<std::size_t>(states) + static_cast<std::size_t>(state);
        if (!network_->lowest.empty()) return network_->lowest[row + place];
        return cumulative(numbers_ + at + place * static_cast<std::size_t>(levels), 0, levels);
    };
    if (parent < 0 || answers_->certain[parent] >= 0) {
        const Pair own = factor(parent < 0 ? 0 : answers_->certain[parent]);
        if (is_one(own)) return;
        problem_->constant_depth += depth;
        return multiply_constant(own);
    }
    const int hidden = problem_->place[parent];
    bool is_trivial = true;
    for (int state = 0; state < states; ++state) {
        const Pair own = factor(state);
        if (is_one(own)) continue;
        multiply_own(hidden, state, own);
        is_trivial = false;
    }
    if (!is_trivial) problem_->depths[hidden] += depth;
}

// "Nothing raises it above its lowest level": where the gate is off all factors are 1.
void Reduction::add_as_gate(const Terms& terms) {
    for (const Contribution& one : contributions_) {
        Axes axes = one.axes;
        const bool is_parent_too = axes.has(terms.gate);
        const int place = axes.insert(terms.gate);
        values_.clear();
        each_cell(axes, [&](const int* states) {
            std::size_t at = one.at;
            for (int k = 0, own = 0; k < axes.size(); ++k)
                if (is_parent_too || k != place) at += one.strides[own++] * static_cast<std::size_t>(states[k]);
            values_.push_back(states[place] == 0 ? Pair{1.0, 0.0} : cumulative(numbers_ + at, 0, terms.levels));
        });
        multiply(axes, terms.levels * terms.levels);
    }
}

// The greater of a level and of one more contribution: from their distributions, that of the maximum.
void Reduction::raise(const double* row, std::size_t levels, bool is_first, Pair* level) {
    if (is_first) {
        for (std::size_t y = 0; y < levels; ++y) level[y] = {row[y], 0.0};
        return;
    }
    Pair below{}, other{};  // sums over the levels below, of either side
    for (std::size_t y = 0; y < levels; ++y) {
        const Pair mine = level[y], theirs{row[y], 0.0};
        other = plus(other, theirs);
        level[y] = plus(times(mine, other), times(below, theirs));
        below = plus(below, mine);
    }
}

// Write out the table of a noisy-MAX with few hidden parents; nothing is subtracted. False where it would be large.
bool Reduction::add_directly(const Terms& terms) {
    const Axes* groups[4];
    int group_count = 0;
    for (const Contribution& one : contributions_) {
        if (one.axes.size() == 0 || std::any_of(groups, groups + group_count, [&](const Axes* g) {
                return *g == one.axes;
            }))
            continue;
        if (group_count == 4) return false;
        groups[group_count++] = &one.axes;
    }
    Axes axes;
    for (int g = 0; g < group_count; ++g)
        for (int axis : *groups[g]) axes.insert(axis);
    if (terms.gate >= 0) axes.insert(terms.gate);
    if (terms.own >= 0) axes.insert(terms.own);
    double entries = 1.0;
    for (int axis : axes) entries *= problem_->sizes[axis];
    if (group_count > 1 && entries > direct_entries) return false;
    const int at_gate = terms.gate >= 0 ? axes.place_of(terms.gate) : -1;
    const int at_own = terms.own >= 0 ? axes.place_of(terms.own) : -1;
    const std::size_t levels = static_cast<std::size_t>(terms.levels);
    // Where a contribution's numbers lie, as each axis goes from state to state.
    steps_.assign(contributions_.size() * static_cast<std::size_t>(axes.size()), 0);
    starts_.clear();
    for (std::size_t j = 0; j < contributions_.size(); ++j) {
        const Contribution& one = contributions_[j];
        std::size_t* steps = steps_.data() + j * static_cast<std::size_t>(axes.size());
        for (int k = 0; k < one.axes.size(); ++k) steps[axes.place_of(one.axes[k])] = one.strides[k];
        starts_.push_back(one.at);
    }
    std::vector<Pair>& level = levels_;
    level.resize(levels);
    values_.clear();
    const bool own_is_last = at_own >= 0 && at_own == axes.size() - 1;
    each_cell(axes, [&](const int* states) {
        if (own_is_last && states[at_own] > 0) {  // the levels are those of the cell before
            values_.push_back(level[static_cast<std::size_t>(states[at_own])]);
            return;
        }
        if (at_gate >= 0 && states[at_gate] == 0) {
            for (std::size_t y = 0; y < levels; ++y) level[y] = {y == 0 ? 1.0 : 0.0, 0.0};
        } else {
            for (std::size_t j = 0; j < starts_.size(); ++j) {
                const std::size_t* steps = steps_.data() + j * static_cast<std::size_t>(axes.size());
                std::size_t at = starts_[j];
                for (int k = 0; k < axes.size(); ++k) at += steps[k] * static_cast<std::size_t>(states[k]);
                if (j > 0 && is_lowest(at, terms.levels)) continue;  // raises nothing
                raise(numbers_ + at, levels, j == 0, level.data());
            }
        }
        if (at_own >= 0) {
            values_.push_back(level[static_cast<std::size_t>(states[at_own])]);
        } else {
            Pair sum{};
            for (std::size_t y = 0; y < levels; ++y) sum = plus(sum, times(level[y], {terms.likelihood[y], 0.0}));
            values_.push_back(sum);
        }
    });
    multiply(axes, static_cast<int>(levels * (2 * contributions_.size() + 2)));
    return true;
}

// The general case: F(s) at the levels that matter, and a signed table that turns it into the answer.
void Reduction::add_through_switch(int variable, const Terms& terms) {
    const int levels = terms.levels, top = levels - 1;
    const int outcomes = terms.own >= 0 ? levels : 1;
    const int gates = terms.gate >= 0 ? 2 : 1;  // off and on, or on alone
    auto index = [&](int s, int t, int g, int y) { return ((s * 2 + t) * gates + g) * outcomes + y; };
    std::vector<Pair> signs(static_cast<std::size_t>(levels * 2 * gates * outcomes));
    auto add = [&](int s, int t, int g, int level, double sign) {
        const double weight = terms.own >= 0 ? 1.0 : terms.likelihood[level];
        Pair& entry = signs[index(s, t, g, terms.own >= 0 ? level : 0)];  // one weight, or the difference of two: exact
        if (s >= terms.floor && weight != 0.0) entry = two_sum(entry.high, sign * weight);
    };
    const int fires = terms.is_inhibited ? 1 : 0, on = gates - 1;
    for (int level = 0; level < levels; ++level) {
        add(level, fires, on, level, 1.0);
        if (level > 0) add(level - 1, fires, on, level, -1.0);
    }
    if (terms.is_inhibited) {
        add(top, 1, on, terms.floor, -1.0);
        add(top, 0, on, terms.floor, 1.0);
    }
    if (gates == 2) add(top, 0, 0, 0, 1.0);

    std::vector<int> kept, kept_t;
    for (int s = 0; s < levels; ++s)
        if (std::any_of(&signs[index(s, 0, 0, 0)], &signs[index(s, 0, 0, 0)] + 2 * gates * outcomes,
                        [](Pair v) { return !is_zero(v); }))
            kept.push_back(s);
    for (int t = 0; t < 2; ++t) {
        bool needed = false;
        for (int s = 0; s < levels; ++s)
            for (int k = 0; k < gates * outcomes; ++k) needed |= !is_zero(signs[index(s, t, 0, 0) + k]);
        if (needed) kept_t.push_back(t);
    }
    const int at_switch = kept.size() > 1 ? add_switch(static_cast<int>(kept.size()), terms.own >= 0) : -1;
    const int at_inhibition = kept_t.size() > 1 ? add_switch(2, terms.own >= 0) : -1;
    for (const Contribution& one : contributions_) add_contribution(one, levels, kept, at_switch);
    if (terms.is_inhibited && kept_t.back() == 1) add_inhibitors(variable, kept_t.size() == 1, at_inhibition);

    Axes axes;
    for (int axis : {terms.gate, terms.own, at_switch, at_inhibition})
        if (axis >= 0) axes.insert(axis);
    values_.clear();
    each_cell(axes, [&](const int* states) {
        int s = kept[0], t = kept_t[0], g = on, y = 0;
        for (int k = 0; k < axes.size(); ++k) {
            if (axes[k] == at_switch) s = kept[static_cast<std::size_t>(states[k])];
            else if (axes[k] == at_inhibition) t = states[k];
            else if (axes[k] == terms.gate) g = states[k] > 0 ? 1 : 0;
            else y = states[k];
        }
        values_.push_back(signs[index(s, t, g, y)]);
    });
    multiply(axes);
}

void Reduction::add_contribution(const Contribution& one, int levels, const std::vector<int>& kept, int at_switch) {
    Axes axes = one.axes;
    if (at_switch >= 0) axes.insert(at_switch);  // made last, so that it is the last
    values_.clear();
    bool is_trivial = true;
    each_cell(axes, [&](const int* states) {
        std::size_t at = one.at;
        for (int k = 0; k < one.axes.size(); ++k) at += one.strides[k] * static_cast<std::size_t>(states[k]);
        const int level = at_switch >= 0 ? kept[static_cast<std::size_t>(states[axes.size() - 1])] : kept[0];
        values_.push_back(cumulative(numbers_ + at, level, levels));
        is_trivial &= is_one(values_.back());
    });
    if (!is_trivial) multiply(axes, levels * levels);  // sums of up to `levels` terms, at least 1 / levels where subtracted
}

void Reduction::add_inhibitors(int variable, bool always, int at_switch) {
    for (const Inhibitor& inhibitor : network_->nodes[variable].inhibitors) {
        Contribution one;
        settle(inhibitor.at, {}, inhibitor.parent, 1, one);
        Axes axes = one.axes;
        if (!always) axes.insert(at_switch);
        values_.clear();
        each_cell(axes, [&](const int* states) {
            const std::size_t at = one.at + (one.axes.size() == 0 ? 0 : static_cast<std::size_t>(states[0]));
            const bool applies = always || states[axes.size() - 1] == 1;
            values_.push_back(applies ? two_sum(1.0, -numbers_[at]) : Pair{1.0, 0.0});
        });
        multiply(axes);
    }
}

}  // namespace LEGDX_ISA
}  // namespace legdx
