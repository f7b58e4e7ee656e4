// The same reduction as legdx/engine/reduction.py, in switch form.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr int buckets = 1024;

}  // namespace

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
    variable_of_.clear();
    kept_in_ = nullptr;
    with_evidence_ = with_evidence;
    find_relevant(wanted);
    if (!with_evidence) find_needed();
    problem.place.assign(network_->variables(), -1);
    for (int i = 0; i < network_->variables(); ++i)
        if (is_hidden(i) && (with_evidence || needed_[i])) {
            problem.place[i] = add_hidden(network_->sizes[i]);
            variable_of_.push_back(i);
        }
    see_all();
    for (int i = 0; i < network_->variables(); ++i) {
        if (!relevant_[i]) continue;
        if (!with_evidence && !splits(i) && (member_[i] < 0 || !needed_[member_[i]])) continue;
        const int own = problem.place[i];
        switches_.clear();
        if (splits(i)) {
            finish_keeping();
            add_absent(i);
            continue;
        }
        if (recall(i)) continue;
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
    finish_keeping();
}

int Reduction::add_hidden(int size) {
    problem_->sizes.push_back(size);
    problem_->depths.push_back(1);
    problem_->is_switch.push_back(0);
    problem_->must_stay.push_back(0);
    problem_->own_at.push_back(static_cast<int>(problem_->own.size()));
    for (int state = 0; state < size; ++state) problem_->own.push_back({1.0, 0.0});
    return static_cast<int>(problem_->sizes.size()) - 1;
}

int Reduction::add_switch(int size, bool must_stay) {
    const int made = add_hidden(size);
    problem_->is_switch[made] = 1;
    problem_->must_stay[made] = must_stay;
    switches_.push_back(made);
    if (kept_in_ != nullptr) kept_in_->pieces.push_back({-1, 0, 0, size, must_stay});
    return made;
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

// Multiply `values_`, each made by `depth` operations, into the problem: into a vector, into a seed over the same variables, or as a new seed.
void Reduction::multiply(const Axes& axes, int depth) {
    if (kept_in_ != nullptr) keep_piece(axes, depth);
    ++depth;
    if (axes.size() == 0) {
        problem_->constant_depth += depth;
        return multiply_constant(values_[0]);
    }
    if (axes.size() == 1) {
        problem_->depths[axes[0]] += depth;
        for (std::size_t state = 0; state < values_.size(); ++state)
            if (!is_one(values_[state])) multiply_own(axes[0], static_cast<int>(state), values_[state]);
        return;
    }
    if (Seed* const seed = seed_over(axes)) {
        if (seed->is_lent) {
            const double *const high = seed->high, *const low = seed->low;
            seed->high = memory_.take(values_.size());
            seed->low = memory_.take(values_.size());
            std::copy(high, high + seed->entries, seed->high);
            std::copy(low, low + seed->entries, seed->low);
            seed->is_lent = false;
        }
        seed->depth += depth;
        for (int k = 0; k < seed->entries; ++k) {
            const Pair product = times(Pair{seed->high[k], seed->low[k]}, values_[k]);
            if (seed->high[k] != 0.0) check_range(product, values_[k]);
            seed->high[k] = product.high;
            seed->low[k] = product.low;
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
    add_seed(seed);
}

// The seed over the same variables, if there is one.
Seed* Reduction::seed_over(const Axes& axes) {
    std::uint32_t hash = 2166136261u;
    for (int axis : axes) hash = (hash ^ static_cast<std::uint32_t>(axis)) * 16777619u;
    bucket_ = &buckets_[(hash ^ hash >> 15) % buckets];
    for (int at = *bucket_; at >= 0; at = next_[at])
        if (problem_->seeds[at].axes == axes) return &problem_->seeds[at];
    return nullptr;
}

// Add one, where `seed_over` has found none.
void Reduction::add_seed(const Seed& seed) {
    next_.push_back(*bucket_);
    *bucket_ = static_cast<int>(problem_->seeds.size());
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

}  // namespace LEGDX_ISA
}  // namespace legdx
