#include "engine.hpp"

#include <algorithm>
#include <cmath>

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr double slack = 1.01;  // bounds are themselves computed in doubles
constexpr int other_orders = 3;  // tried where rounding may have done harm

// The table without axes whose entry is 1.
const Table& one() {
    static double high = 1.0, low = 0.0, error = 0.0;
    static const Table table{nullptr, 0, 1, &high, &low, &error};
    return table;
}

}  // namespace

void Engine::run(const Task& task, const Row& row, Answer& answer) {
    const Network& network = *task.network;
    memory_.clear();
    tables_memory_.clear();
    recycler_.clear();
    answer.cost = {};
    if (!answers_.read(network, row, memory_)) {
        answer.status = Status::impossible;
        return;
    }
    answer.status = Status::done;
    int width = 0;
    for (int k = 0; k < task.wanted.count; ++k) width += network.sizes[task.wanted.variables[k]];
    const Memory::Mark before = memory_.mark();
    double worst = 0.0;
    for (int draw = 0; draw < network.draws; ++draw) {
        memory_.back_to(before);
        const double* numbers = network.numbers.data() + static_cast<std::size_t>(draw) * network.count;
        reduction_.run(network, answers_, numbers, task.wanted, task.with_evidence, problem_);
        schedule_ = &schedules_.best(task, problem_);
        answer.cost.take_larger(schedule_->cost);
        if (!schedule_->is_affordable) {
            answer.status = Status::costly;
            return;
        }
        if (task.only_cost) return;
        double* marginals = answer.marginals + static_cast<std::size_t>(draw) * width;
        double bound = compute(task, answer.log_evidence + draw, marginals, INFINITY);
        const bool can_help = !problem_.is_zero && !problem_.is_lost;
        for (int other = 1; other <= other_orders && can_help && bound > task.settings.tolerance; ++other) {
            schedule_ = &schedules_.along_another(other);
            if (!schedule_->is_affordable) continue;
            bound = compute(task, answer.log_evidence + draw, marginals, bound);
            answer.cost.entries += schedule_->cost.entries / network.draws;
            answer.cost.seconds += schedule_->cost.seconds / network.draws;
        }
        worst = std::max(worst, bound);
    }
    answer.cost.bound = worst;
    if (!(worst <= task.settings.tolerance)) answer.status = Status::unsure;
}

void Engine::rest() {
    recycler_.clear();
    for (Memory* memory : {&memory_, &tables_memory_, &scratch_}) memory->clear(Memory::most_at_rest);
}

// Run the plan; where its bound is under `least`, write what was found. Returns the lesser of the two.
double Engine::compute(const Task& task, double* log_evidence, double* marginals, double least) {
    if (problem_.is_zero || problem_.is_lost) return least;
    const bool keep = task.wanted.count > 0;
    sum_.clear();
    for (int k = 0; k < task.wanted.count; ++k) {
        const int place = problem_.place[task.wanted.variables[k]];
        if (place >= 0) sum_.add_variable(place, problem_.sizes[place]);
    }
    states_.assign(schedule_->sliced.size(), 0);
    for (;;) {
        forward(keep);
        if (keep && total_.high != 0.0) backward();
        add_slice(task);
        for (Table& table : tables_) release(table);
        int k = static_cast<int>(schedule_->sliced.size()) - 1;
        for (; k >= 0 && ++states_[k] == problem_.sizes[schedule_->sliced[k]]; --k) states_[k] = 0;
        if (k < 0) break;
    }
    if (!(sum_.total.high > 0.0)) return least;
    const double bound = bound_of(task);
    if (bound < least) {
        least = bound;
        write(task, log_evidence, marginals);
    }
    return least;
}

// Add what one combination of the sliced variables' states contributes to P(evidence), and to it with each state.
void Engine::add_slice(const Task& task) {
    if (slice_is_zero_) return;
    // The states of a switch have signs: what cancels in a slice's total need not cancel for each state asked for.
    if (total_.high == 0.0 && task.wanted.count > 0 &&
        std::any_of(schedule_->sliced.begin(), schedule_->sliced.end(), [&](int v) { return problem_.is_switch[v] != 0; }))
        sum_.error = INFINITY;
    const Part part = sum_.scaled({total_, total_error_}, exponent_);
    sum_.add_total(part);
    for (int k = 0; k < task.wanted.count; ++k) {
        const int place = problem_.place[task.wanted.variables[k]];
        if (place < 0) continue;
        const int size = problem_.sizes[place];
        if (total_.high == 0.0) {  // nothing, as far as can be told
            for (int state = 0; state < size; ++state) sum_.add(place, state, part);
            continue;
        }
        const auto at = std::find(schedule_->sliced.begin(), schedule_->sliced.end(), place);
        if (at != schedule_->sliced.end()) {
            sum_.add(place, states_[static_cast<std::size_t>(at - schedule_->sliced.begin())], part);
            continue;
        }
        const double* belief = beliefs_[place].data();
        Part whole{};
        for (int state = 0; state < size; ++state)
            whole = whole + Part{{belief[state], belief[size + state]}, belief[2 * size + state]};
        for (int state = 0; state < size; ++state) {
            const Part own{{belief[state], belief[size + state]}, belief[2 * size + state]};
            sum_.add(place, state, schedule_->sliced.empty() ? own : part * (own / whole));
        }
    }
}

Table Engine::allocated(const Schedule::Shape& shape) {
    Table table;
    table.axes = schedule_->axes.data() + shape.first;
    table.count = shape.count;
    table.entries = static_cast<std::int64_t>(shape.entries);
    table.high = recycler_.take(static_cast<std::size_t>(table.entries));
    table.low = recycler_.take(static_cast<std::size_t>(table.entries));
    table.error = recycler_.take(static_cast<std::size_t>(table.entries));
    return table;
}

void Engine::release(Table& table) {
    for (double** values : {&table.high, &table.low, &table.error}) {
        if (*values != nullptr) recycler_.give_back(*values, static_cast<std::size_t>(table.entries));
        *values = nullptr;
    }
}

// Lay the seeds out along the axes of the plan.
void Engine::build() {
    tables_.assign(schedule_->shapes.size(), Table{});
    for (std::size_t t = 0; t < schedule_->shapes.size(); ++t) {
        if (schedule_->shapes[t].seed < 0) continue;
        const Seed& seed = problem_.seeds[static_cast<std::size_t>(schedule_->shapes[t].seed)];
        Table& table = tables_[t] = allocated(schedule_->shapes[t]);
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
    Table& table = tables_[step.result] = allocated(schedule_->shapes[step.result]);
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
double Engine::rescale(Table& table) {
    double top = 0.0;
    for (std::int64_t k = 0; k < table.entries; ++k) top = std::max(top, std::fabs(table.high[k]));
    if (top == 0.0 || (top > 0x1p-20 && top < 0x1p20)) return 0.0;
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
    for (Schedule::Step& step : schedule_->steps) {
        if (step.kind == Schedule::Kind::star) {
            build_star(step);
            continue;
        }
        Table& result = tables_[step.result] = allocated(schedule_->shapes[step.result]);
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

void Engine::multiply(const Table& x, const Table& y, const Table& z, SmallContraction& how) {
    const int* sizes = schedule_->sizes.data();
    if (how.block == SmallContraction::not_looked_at) how = small_contraction(x, y, z, sizes, schedule_->pool);
    if (how.block == SmallContraction::too_large) return contract(x, y, z, sizes, scratch_);
    contract(x, y, z, how, schedule_->pool);
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
    for (auto step = schedule_->steps.rbegin(); step != schedule_->steps.rend(); ++step) {
        if (step->kind == Schedule::Kind::star) continue;
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
            Table& adjoint = adjoints_[step->left] = allocated(schedule_->shapes[step->left]);
            multiply(received, right, adjoint, step->to_left);
        }
        if (right_leads) {
            Table& adjoint = adjoints_[step->right] = allocated(schedule_->shapes[step->right]);
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

// The largest bound: on the error of a posterior, and on the relative error of P(evidence).
double Engine::bound_of(const Task& task) const {
    double worst = sum_.error / sum_.total.high;
    bool is_number = !std::isnan(worst);
    for (int k = 0; k < task.wanted.count; ++k) {
        const int place = problem_.place[task.wanted.variables[k]];
        if (place < 0) continue;
        double sum = 0.0, error = 0.0;
        for (int state = 0; state < problem_.sizes[place]; ++state) {
            const Part& part = sum_.part(place, state);
            sum += part.value.high;
            error += part.error;
        }
        const double own = sum > 0.0 ? 2.0 * error / sum : INFINITY;
        is_number &= !std::isnan(own);  // which std::max would pass over
        worst = std::max(worst, own);
    }
    return is_number ? slack * worst : INFINITY;
}

void Engine::write(const Task& task, double* log_evidence, double* marginals) const {
    if (task.with_evidence)
        *log_evidence = std::log(sum_.total.high) + sum_.exponent * std::log(2.0) + answers_.log_constant;
    for (int k = 0; k < task.wanted.count; ++k) {
        const int variable = task.wanted.variables[k], size = task.network->sizes[variable];
        const int place = problem_.place[variable];
        double sum = 0.0;
        for (int state = 0; state < size; ++state) {
            const double value = place >= 0 ? sum_.part(place, state).value.high : answers_.likelihood[variable][state];
            marginals[state] = std::max(0.0, value);
            sum += marginals[state];
        }
        for (int state = 0; state < size; ++state) marginals[state] /= sum;
        marginals += size;
    }
}

}  // namespace LEGDX_ISA
}  // namespace legdx
