// The same reduction as legdx/engine/reduction.py, in switch form.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr int direct_entries = 32;  // a noisy-MAX of two hidden parents and at most this size is written out
constexpr int buckets = 1024;
const std::vector<int> lowest{0};

// A row of numbers that sums to 1 but for rounding is taken to do so.
constexpr double rounding = 2e-15;

}  // namespace

struct Reduction::Terms {
    int levels = 0;
    int floor = 0;
    int gate = -1;           // the hidden gate, as a hidden variable
    int own = -1;            // the variable itself where it is hidden
    bool is_inhibited = false;
    const double* likelihood = nullptr;  // of the levels, where `own` is not hidden
};

void Reduction::run(const Network& network, const Answers& answers, const double* numbers, Wanted wanted,
                    bool with_evidence, Problem& problem) {
    network_ = &network;
    answers_ = &answers;
    numbers_ = numbers;
    problem_ = &problem;
    problem.sizes.clear();
    problem.own.clear();
    problem.own_at.clear();
    problem.seeds.clear();
    problem.constant = {1.0, 0.0};
    problem.constant_exponent = 0;
    problem.depths.clear();
    problem.is_switch.clear();
    problem.must_stay.clear();
    problem.constant_depth = 0;
    problem.is_zero = false;
    problem.is_lost = false;
    buckets_.assign(buckets, -1);
    next_.clear();
    with_evidence_ = with_evidence;
    find_relevant(wanted);
    if (!with_evidence) find_needed();
    problem.place.assign(network_->variables(), -1);
    for (int i = 0; i < network_->variables(); ++i)
        if (is_hidden(i) && (with_evidence || needed_[i])) problem.place[i] = add_hidden(network_->sizes[i]);
    for (int i = 0; i < network_->variables(); ++i) {
        if (!relevant_[i]) continue;
        if (!with_evidence && !splits(i) && (member_[i] < 0 || !needed_[member_[i]])) continue;
        const int own = problem.place[i];
        if (own >= 0 && answers.likelihood[i] != nullptr)
            for (int state = 0; state < network_->sizes[i]; ++state)
                multiply_own(own, state, {answers.likelihood[i][state], 0.0});
        if (network_->nodes[i].is_table) {
            add_table(i);
        } else if (is_gate_shut(i)) {
            for (int state = 1; own >= 0 && state < network_->sizes[i]; ++state) multiply_own(own, state, {0.0, 0.0});
        } else {
            add_noisy_max(i);
        }
    }
}

int Reduction::add_hidden(int size) {
    problem_->sizes.push_back(size);
    problem_->depths.push_back(1);
    problem_->is_switch.push_back(0);
    problem_->must_stay.push_back(0);
    problem_->own_at.push_back(static_cast<int>(problem_->own.size()));
    problem_->own.resize(problem_->own.size() + static_cast<std::size_t>(size), Pair{1.0, 0.0});
    return static_cast<int>(problem_->sizes.size()) - 1;
}

void Reduction::multiply_constant(Pair factor) {
    Pair& constant = problem_->constant;
    constant = times(constant, factor);
    check_range(constant, factor);
    if (is_zero(constant)) {
        problem_->is_zero = true;
    } else if (std::fabs(constant.high) < 1e-100) {
        constant = {std::ldexp(constant.high, 256), std::ldexp(constant.low, 256)};
        problem_->constant_exponent -= 256;
    }
}

// Where a product nears the end of the range of doubles its digits are lost: what is computed from it is not certain.
void Reduction::check_range(Pair product, Pair factor) {
    if (std::fabs(product.high) < 1e-250 && !is_zero(factor)) problem_->is_lost = true;
}

void Reduction::multiply_own(int hidden, int state, Pair factor) {
    Pair* values = problem_->vector_of(hidden);
    if (is_zero(values[state])) return;
    values[state] = times(values[state], factor);
    check_range(values[state], factor);
    if (std::fabs(values[state].high) >= 1e-60) return;
    const int size = problem_->sizes[hidden];
    double top = 0.0;
    for (int k = 0; k < size; ++k) top = std::max(top, std::fabs(values[k].high));
    if (top == 0.0) return;
    if (top >= 1e-60) return;
    for (int k = 0; k < size; ++k) values[k] = {std::ldexp(values[k].high, 200), std::ldexp(values[k].low, 200)};
    problem_->constant_exponent -= 200;
}

// Multiply `values_`, each made by `depth` operations, into the problem: into a vector, into a seed over the same variables, or as a new seed.
void Reduction::multiply(const Axes& axes, int depth) {
    ++depth;
    if (axes.size() == 0) {
        problem_->constant_depth += depth;
        return multiply_constant(values_[0]);
    }
    if (axes.size() == 1) {
        problem_->depths[axes[0]] += depth;
        for (std::size_t state = 0; state < values_.size(); ++state)
            multiply_own(axes[0], static_cast<int>(state), values_[state]);
        return;
    }
    std::uint32_t hash = 2166136261u;
    for (int axis : axes) hash = (hash ^ static_cast<std::uint32_t>(axis)) * 16777619u;
    int& first = buckets_[(hash ^ hash >> 15) % buckets];
    for (int at = first; at >= 0; at = next_[at]) {
        Seed& seed = problem_->seeds[at];
        if (!(seed.axes == axes)) continue;
        seed.depth += depth;
        for (int k = 0; k < seed.entries; ++k) {
            const Pair product = times({seed.high[k], seed.low[k]}, values_[k]);
            if (seed.high[k] != 0.0) check_range(product, values_[k]);
            seed.high[k] = product.high;
            seed.low[k] = product.low;
        }
        return;
    }
    Seed seed;
    seed.axes = axes;
    seed.depth = depth;
    seed.entries = static_cast<int>(values_.size());
    seed.high = memory_.take(values_.size());
    seed.low = memory_.take(values_.size());
    for (int k = 0; k < seed.entries; ++k) seed.high[k] = values_[k].high, seed.low[k] = values_[k].low;
    next_.push_back(first);
    first = static_cast<int>(problem_->seeds.size());
    problem_->seeds.push_back(seed);
}

// Fix the observed among the parents of some numbers; the hidden ones become axes. `last_parent` may be -1.
void Reduction::settle(std::size_t at, const std::vector<int>& parents, int last_parent, int levels,
                       Contribution& one) const {
    std::size_t stride = static_cast<std::size_t>(levels);
    one.axes = Axes();
    auto take = [&](int parent) {
        const int state = answers_->certain[parent];
        if (state >= 0) {
            at += stride * static_cast<std::size_t>(state);
        } else {
            const int place = one.axes.insert(problem_->place[parent]);
            std::copy_backward(one.strides + place, one.strides + one.axes.size() - 1, one.strides + one.axes.size());
            one.strides[place] = stride;
        }
        stride *= static_cast<std::size_t>(network_->sizes[parent]);
    };
    if (last_parent >= 0) take(last_parent);
    for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent) take(*parent);
    one.at = at;
}

// P(this level or a lower one). A row of numbers sums to 1 but for rounding. What it lacks is given to the largest of
// them: all others come back as differences of two results with every digit, however small they are.
Pair Reduction::cumulative(std::size_t at, int level, int levels) const {
    const double* row = numbers_ + at;
    int largest = 0;
    double whole = row[0];
    for (int k = 1; k < levels; ++k) {
        whole += row[k];
        if (row[k] > row[largest]) largest = k;
    }
    if (largest > level || !(std::fabs(whole - 1.0) < rounding)) {
        Pair sum{row[0], 0.0};
        for (int k = 1; k <= level; ++k) sum = plus(sum, {row[k], 0.0});
        return sum;
    }
    Pair above{};
    for (int k = levels - 1; k > level; --k) above = plus(above, {row[k], 0.0});
    return plus({1.0, 0.0}, negated(above));
}

// Whether a row of numbers has all its mass at the lowest level.
bool Reduction::is_lowest(std::size_t at, int levels) const {
    const double* row = numbers_ + at;
    return row[0] == 1.0 && std::all_of(row + 1, row + levels, [](double value) { return value == 0.0; });
}

// Call visit(states) for every combination of states of the variables, the last fastest.
template <class Visit>
void Reduction::each_cell(const Axes& axes, Visit visit) const {
    int states[Axes::most] = {};
    for (;;) {
        visit(states);
        int k = axes.size();
        while (k > 0 && ++states[k - 1] == problem_->sizes[axes[k - 1]]) states[--k] = 0;
        if (k == 0) return;
    }
}

void Reduction::add_table(int variable) {
    const Node& node = network_->nodes[variable];
    Contribution one;
    settle(node.at, node.context, -1, network_->sizes[variable], one);
    const int own = problem_->place[variable];
    if (own >= 0) {
        const int place = one.axes.insert(own);
        std::copy_backward(one.strides + place, one.strides + one.axes.size() - 1, one.strides + one.axes.size());
        one.strides[place] = 1;
    } else {
        one.at += static_cast<std::size_t>(answers_->certain[variable]);
    }
    values_.clear();
    each_cell(one.axes, [&](const int* states) {
        std::size_t at = one.at;
        for (int k = 0; k < one.axes.size(); ++k) at += one.strides[k] * static_cast<std::size_t>(states[k]);
        values_.push_back({numbers_[at], 0.0});
    });
    multiply(one.axes);
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
    if (!with_evidence_ && splits(variable)) return add_needed(node, terms.levels);
    contributions_.resize(1 + node.links.size());
    settle(node.at, node.context, -1, terms.levels, contributions_[0]);
    for (std::size_t k = 0; k < node.links.size(); ++k)
        settle(node.links[k].at, node.links[k].context, node.links[k].parent, terms.levels, contributions_[k + 1]);
    const bool is_at_lowest = terms.own < 0 && answers_->certain[variable] == 0;
    if (is_at_lowest && !terms.is_inhibited && terms.floor == 0) {
        if (terms.gate >= 0) return add_as_gate(terms);
        for (const Contribution& one : contributions_) add_contribution(one, terms.levels, lowest, -1);
        return;
    }
    if (!terms.is_inhibited && add_directly(terms)) return;
    add_through_switch(variable, terms);
}

// "None of them", as far as it says something about what is asked for.
void Reduction::add_needed(const Node& node, int levels) {
    Contribution one;
    if (is_needed(-1, node.context)) {
        settle(node.at, node.context, -1, levels, one);
        add_contribution(one, levels, lowest, -1);
    }
    for (const Link& link : node.links) {
        if (!is_needed(link.parent, link.context)) continue;
        settle(link.at, link.context, link.parent, levels, one);
        add_contribution(one, levels, lowest, -1);
    }
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
            values_.push_back(states[place] == 0 ? Pair{1.0, 0.0} : cumulative(at, 0, terms.levels));
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
    const int at_switch = kept.size() > 1 ? add_hidden(static_cast<int>(kept.size())) : -1;
    const int at_inhibition = kept_t.size() > 1 ? add_hidden(2) : -1;
    for (int axis : {at_switch, at_inhibition})
        if (axis >= 0) problem_->is_switch[axis] = 1, problem_->must_stay[axis] = terms.own >= 0;
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
    if (at_switch < 0 && one.axes.size() == 1) {  // by far the most: an absent answer and one of its causes
        const int hidden = one.axes[0];
        for (int state = 0; state < problem_->sizes[hidden]; ++state) {
            const Pair factor = cumulative(one.at + one.strides[0] * static_cast<std::size_t>(state), kept[0], levels);
            if (!is_one(factor)) multiply_own(hidden, state, factor);
        }
        problem_->depths[hidden] += levels + 1;
        return;
    }
    Axes axes = one.axes;
    if (at_switch >= 0) axes.insert(at_switch);  // made last, so that it is the last
    values_.clear();
    bool is_trivial = true;
    each_cell(axes, [&](const int* states) {
        std::size_t at = one.at;
        for (int k = 0; k < one.axes.size(); ++k) at += one.strides[k] * static_cast<std::size_t>(states[k]);
        const int level = at_switch >= 0 ? kept[static_cast<std::size_t>(states[axes.size() - 1])] : kept[0];
        values_.push_back(cumulative(at, level, levels));
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
