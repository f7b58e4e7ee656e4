// The tables of a row along its schedule: laid out, summed forward, and back again for marginals.
#include <algorithm>
#include <cmath>

#include "engine.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

// The table without axes whose entry is 1.
const Table& one() {
    static double high[lanes] = {1.0}, low[lanes] = {}, error[lanes] = {};
    static const Table table{nullptr, 0, 1, high, low, error};
    return table;
}

}  // namespace

Table Engine::allocated(const Schedule::Shape& shape, int slot) {
    Table table;
    table.axes = schedule_->axes.data() + shape.first;
    table.count = shape.count;
    table.entries = static_cast<std::int64_t>(shape.entries);
    if (slot >= 0) {
        const Values values = values_at(arena_, slot, static_cast<int>(table.entries));
        table.high = values.high, table.low = values.low, table.error = values.error;
        return table;
    }
    table.high = recycler_.take(static_cast<std::size_t>(table.entries));
    table.low = recycler_.take(static_cast<std::size_t>(table.entries));
    table.error = recycler_.take(static_cast<std::size_t>(table.entries));
    table.is_lent = true;
    return table;
}

Table Engine::allocated(int table) {
    const Schedule::Shape& shape = schedule_->shapes[static_cast<std::size_t>(table)];
    return allocated(shape, shape.slot);
}

Table Engine::allocated_adjoint(int table) {
    const Schedule::Shape& shape = schedule_->shapes[static_cast<std::size_t>(table)];
    return allocated(shape, shape.adjoint_slot);
}

void Engine::release(Table& table) {
    if (!table.is_lent) return;
    table.is_lent = false;
    for (double** values : {&table.high, &table.low, &table.error}) {
        recycler_.give_back(*values, static_cast<std::size_t>(table.entries));
        *values = nullptr;
    }
}

// Lay the seeds out along the axes of the plan.
void Engine::build() {
    tables_.assign(schedule_->shapes.size(), Table{});
    for (std::size_t t = 0; t < schedule_->shapes.size(); ++t) {
        const Schedule::Shape& shape = schedule_->shapes[t];
        if (shape.seed < 0 || shape.is_read_in_place) continue;
        const Seed& seed = problem_.seeds[static_cast<std::size_t>(shape.seed)];
        Table& table = tables_[t] = allocated(static_cast<int>(t));
        const int count = table.count;
        std::int64_t strides[axes_most], stride = 1, from = 0;  // of the seed along the axes of the table
        for (int k = seed.axes.size() - 1; k >= 0; --k) {
            const int rank = schedule_->rank[seed.axes[k]];
            if (rank < 0)
                from += stride * state_of(seed.axes[k]);
            else
                strides[std::lower_bound(table.axes, table.axes + count, rank) - table.axes] = stride;
            stride *= problem_.sizes[seed.axes[k]];
        }
        int states[axes_most] = {};
        for (std::int64_t to = 0; to < table.entries; ++to) {
            table.high[to] = seed.high[from];
            table.low[to] = seed.low[from];
            table.error[to] = unit * seed.depth * std::fabs(seed.high[from]);
            for (int k = count - 1; k >= 0; --k) {
                from += strides[k];
                if (++states[k] < schedule_->sizes[table.axes[k]]) break;
                from -= strides[k] * states[k];
                states[k] = 0;
            }
        }
    }
}

// The product of a variable's own vector and its seeds with one other variable each: outer products, inside out.
void Engine::build_star(const Schedule::Step& step) {
    Table& table = tables_[step.result] = allocated(step.result);
    const int size = problem_.sizes[step.variable];
    const std::int64_t width = table.entries / size;
    int depth = problem_.depths[step.variable];
    for (int k = 0; k < step.seeds; ++k)
        depth += 1 + problem_.seeds[static_cast<std::size_t>(schedule_->star_seeds[step.first_seed + k])].depth;
    for (int x = 0; x < size; ++x) {
        double *high = table.high + x * width, *low = table.low + x * width, *error = table.error + x * width;
        const Pair own = problem_.vector_of(step.variable)[x];
        high[0] = own.high;
        low[0] = own.low;
        std::int64_t filled = 1;
        for (int k = 0; k < step.seeds; ++k) {
            const Seed& seed = problem_.seeds[static_cast<std::size_t>(schedule_->star_seeds[step.first_seed + k])];
            const bool is_first = seed.axes[0] == step.variable;
            const int others = problem_.sizes[seed.axes[is_first ? 1 : 0]];
            for (int s = others - 1; s >= 0; --s) {  // the first part last, as the others are made from it
                const int at = is_first ? x * others + s : s * size + x;
                const Pair factor{seed.high[at], seed.low[at]};
                double *to_high = high + s * filled, *to_low = low + s * filled;
#pragma omp simd
                for (std::int64_t e = 0; e < filled; ++e) {
                    const double product = high[e] * factor.high;
                    const double rest = std::fma(low[e], factor.high, std::fma(high[e], factor.low,
                                                 std::fma(high[e], factor.high, -product)));
                    const double sum = product + rest;
                    to_high[e] = sum;
                    to_low[e] = rest - (sum - product);
                }
            }
            filled *= others;
        }
        for (std::int64_t e = 0; e < width; ++e) error[e] = unit * depth * std::fabs(high[e]) + underflow;
    }
}

// Multiply a table by a power of two, which rounds nothing, so that its largest entry is about 1; return the exponent.
double Engine::rescale(const Table& table) {
    Vector tops = all(0.0);
    std::int64_t at = 0;
    for (; at + lanes <= table.entries; at += lanes) tops = larger(tops, magnitude(load(table.high + at)));
    if (at < table.entries)
        tops = larger(tops, magnitude(load_first(table.high + at, static_cast<int>(table.entries - at))));
    double each[lanes];
    store(each, tops);
    const double top = *std::max_element(each, each + lanes);
    if (top == 0.0 || (top > near_one && top < 1.0 / near_one)) return 0.0;
    int exponent;
    std::frexp(top, &exponent);
    exponent = std::max(-1000, std::min(1000, exponent));
    const double factor = std::ldexp(1.0, -exponent);
    for (std::int64_t k = 0; k < table.entries; ++k) table.high[k] *= factor;
    for (std::int64_t k = 0; k < table.entries; ++k) table.low[k] *= factor;
    for (std::int64_t k = 0; k < table.entries; ++k) table.error[k] *= factor;
    return exponent;
}

// Sum everything out, and keep the tables if the way back needs them.
void Engine::forward(bool keep) {
    build();
    exponent_ = static_cast<double>(problem_.constant_exponent);
    total_ = problem_.constant;
    total_error_ = unit * problem_.constant_depth * std::fabs(total_.high);
    slice_is_zero_ = false;
    for (int variable : schedule_->sliced)
        multiply_single(problem_.vector_of(variable)[state_of(variable)], problem_.depths[variable]);
    for (int s : schedule_->scalar_seeds) {
        const Seed& seed = problem_.seeds[static_cast<std::size_t>(s)];
        int at = 0;
        for (int axis : seed.axes) at = at * problem_.sizes[axis] + state_of(axis);
        multiply_single({seed.high[at], seed.low[at]}, seed.depth);
    }
    for (int variable : schedule_->alone) {
        const int size = problem_.sizes[variable];
        Pair sum = problem_.vector_of(variable)[0];
        for (int state = 1; state < size; ++state) sum = plus(sum, problem_.vector_of(variable)[state]);
        multiply_total(sum, problem_.depths[variable] + size);
    }
    for (Schedule::Step& step : schedule_->steps) {
        if (step.kind == Schedule::Kind::bucket) {
            forward(schedule_->buckets[static_cast<std::size_t>(step.bucket)]);
            continue;
        }
        if (step.kind == Schedule::Kind::star) {
            build_star(step);
            continue;
        }
        Table& result = tables_[step.result] = allocated(step.result);
        const Table& right = step.right >= 0 ? tables_[step.right] : one();
        multiply(tables_[step.left], right, result, step.forward);
        if (!keep) {
            release(tables_[step.left]);
            if (step.right >= 0) release(tables_[step.right]);
        }
        if (step.variable < 0) continue;
        exponent_ += rescale(result);
        if (result.count > 0) continue;
        multiply_total({result.high[0], result.low[0]}, 0, result.error[0]);
        if (!keep) release(result);
    }
}

void Engine::multiply(const Table& x, const Table& y, const Table& z, std::unique_ptr<Contraction>& how) {
    const int* sizes = schedule_->sizes.data();
    if (how == nullptr && !schedule_->is_kept && schedule_->sliced.empty()) return Contraction(x, y, z, sizes).run(x, y, z);
    if (how == nullptr) how = std::make_unique<Contraction>(x, y, z, sizes);
    how->run(x, y, z);
}

// Whole powers of two are kept apart, so that no product comes near the end of the range of doubles.
void Engine::multiply_total(Pair factor, int depth, double error) {
    keep_apart(factor, error);
    const double mine = std::fabs(total_.high), theirs = std::fabs(factor.high);
    error += unit * depth * theirs;
    total_ = times(total_, factor);
    total_error_ = total_error_ * (theirs + error) + mine * error + unit * std::fabs(total_.high);
    keep_apart(total_, total_error_);
}

void Engine::keep_apart(Pair& value, double& error) {
    if (value.high == 0.0 || std::fabs(value.high) >= 0x1p-300) return;
    int exponent;
    std::frexp(value.high, &exponent);
    value = {std::ldexp(value.high, -exponent), std::ldexp(value.low, -exponent)};
    error = std::ldexp(error, -exponent);
    exponent_ += exponent;
}

// A number over sliced variables alone; where it is 0, so is the slice with every state of every variable.
void Engine::multiply_single(Pair factor, int depth) {
    slice_is_zero_ |= is_zero(factor);
    multiply_total(factor, depth);
}

int Engine::state_of(int variable) const {
    return states_[static_cast<std::size_t>(std::find(schedule_->sliced.begin(), schedule_->sliced.end(), variable) - schedule_->sliced.begin())];
}

// The adjoint of a table is what it is multiplied by in the end; table times adjoint, summed, is a marginal.
void Engine::backward() {
    beliefs_.resize(problem_.sizes.size());
    adjoints_.assign(schedule_->shapes.size(), Table{});
    for (int variable : schedule_->alone) {
        if (!schedule_->is_wanted[variable]) continue;
        const std::size_t size = static_cast<std::size_t>(problem_.sizes[variable]);
        std::vector<double>& belief = beliefs_[variable];
        belief.resize(3 * size);
        for (std::size_t state = 0; state < size; ++state) {
            const Pair own = problem_.vector_of(variable)[state];
            belief[state] = own.high;
            belief[size + state] = own.low;
            belief[2 * size + state] = unit * problem_.depths[variable] * std::fabs(own.high);
        }
    }
    for (auto step = schedule_->steps.rbegin(); step != schedule_->steps.rend(); ++step) {
        if (step->kind == Schedule::Kind::star) continue;
        if (step->kind == Schedule::Kind::bucket) {
            backward(schedule_->buckets[static_cast<std::size_t>(step->bucket)]);
            continue;
        }
        const bool is_asked = step->variable >= 0 && schedule_->is_wanted[step->variable];
        const bool left_leads = schedule_->shapes[step->left].leads, right_leads = step->right >= 0 && schedule_->shapes[step->right].leads;
        if (!is_asked && !left_leads && !right_leads) {
            release_step(*step);
            continue;
        }
        const Table received = schedule_->shapes[step->result].count == 0 ? one() : adjoints_[step->result];
        const Table& left = tables_[step->left];
        const Table& right = step->right >= 0 ? tables_[step->right] : one();
        const bool take_left = left_leads || (is_asked && !right_leads);
        if (take_left) {
            Table& adjoint = adjoints_[step->left] = allocated_adjoint(step->left);
            multiply(received, right, adjoint, step->to_left);
        }
        if (right_leads) {
            Table& adjoint = adjoints_[step->right] = allocated_adjoint(step->right);
            multiply(received, left, adjoint, step->to_right);
        }
        if (is_asked) {
            const int from = take_left ? step->left : step->right;
            const Table &own = tables_[from], &adjoint = adjoints_[from];
            const int rank = schedule_->rank[step->variable];
            const std::size_t size = static_cast<std::size_t>(schedule_->sizes[rank]);
            std::vector<double>& values = beliefs_[step->variable];  // the belief, its low parts, its errors
            values.assign(3 * size, 0.0);
            const Table belief{&rank, 1, schedule_->sizes[rank], &values[0], &values[size], &values[2 * size]};
            multiply(own, adjoint, belief, step->belief);
        }
        if (take_left) rescale(adjoints_[step->left]);
        if (right_leads) rescale(adjoints_[step->right]);
        if (take_left && !left_leads) release(adjoints_[step->left]);
        release_step(*step);
    }
}

// What a step needed on the way back, nothing after it needs.
void Engine::release_step(const Schedule::Step& step) {
    release(tables_[step.left]);
    if (step.right >= 0) release(tables_[step.right]);
    release(adjoints_[step.result]);
}

}  // namespace LEGDX_ISA
}  // namespace legdx
