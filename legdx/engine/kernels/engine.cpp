#include "engine.hpp"

#include <algorithm>
#include <cmath>

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr double seconds_an_entry = 2.6e-9;
constexpr double bytes_an_entry = 3 * sizeof(double);
constexpr double seconds_a_step = 6e-7;
constexpr double widest = 1e15;
constexpr double slack = 1.01;  // bounds are themselves computed in doubles
constexpr double cached_entries = 1 << 16;  // of a table that stays in a processor's cache
constexpr double slices_may_cost = 1.5;     // as against larger tables
constexpr int other_orders = 3;  // tried where rounding may have done harm

inline bool is_flat(const Pair* values, int size) {
    return std::all_of(values, values + size, [](const Pair& value) { return is_one(value); });
}

// The table without axes whose entry is 1.
const Table& one() {
    static double high = 1.0, low = 0.0, error = 0.0;
    static const Table table{nullptr, 0, 1, &high, &low, &error};
    return table;
}

inline int other_axis(const Seed& seed, int variable) { return seed.axes[seed.axes[0] == variable ? 1 : 0]; }

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
        reduction_.run(network, answers_, numbers, task.wanted, problem_);
        const int only = task.wanted.count == 1 ? problem_.place[task.wanted.variables[0]] : -1;
        if (draw == 0) first_order_ = planner_.run(problem_, only).order;
        if (!plan(task, first_order_, answer.cost)) {
            answer.status = Status::costly;
            return;
        }
        if (task.only_cost) return;
        double* marginals = answer.marginals + static_cast<std::size_t>(draw) * width;
        double bound = compute(task, answer.log_evidence + draw, marginals, INFINITY);
        const bool can_help = !problem_.is_zero && !problem_.is_lost;
        for (int other = 1; other <= other_orders && can_help && bound > task.settings.tolerance; ++other) {
            Cost cost;
            if (!plan(task, planner_.another(other).order, cost)) continue;
            bound = compute(task, answer.log_evidence + draw, marginals, bound);
            answer.cost.entries += cost.entries / network.draws;
            answer.cost.seconds += cost.seconds / network.draws;
        }
        worst = std::max(worst, bound);
    }
    answer.cost.bound = worst;
    if (!(worst <= task.settings.tolerance)) answer.status = Status::unsure;
}

// Lay out the steps for an order. Where tables would be larger than the processor's cache, some variables are taken out
// of them all, and the rest is run once for each combination of their states (cutset conditioning, Pearl 1988): about
// as much work, in little memory. False when the cost is over the budget.
bool Engine::plan(const Task& task, const std::vector<int>& order, Cost& cost) {
    order_ = order;
    sliced_.clear();
    Cost found = lay_out(task);
    bool is_laid_out = true;
    const double most = slices_may_cost * found.entries;
    while (found.largest > cached_entries && std::isfinite(found.entries)) {
        const std::vector<int> candidates = widest_;
        is_laid_out = false;
        Cost least;
        int best = -1;
        for (int rank : candidates) {
            if (problem_.must_stay[order[static_cast<std::size_t>(rank)]]) continue;
            sliced_.push_back(order[static_cast<std::size_t>(rank)]);
            const Cost tried = lay_out(task);
            sliced_.pop_back();
            if (best < 0 || tried.entries < least.entries) best = order[static_cast<std::size_t>(rank)], least = tried;
        }
        if (best < 0 || (least.entries > most && found.bytes <= task.settings.bytes)) break;
        sliced_.push_back(best);
        found = least;
    }
    if (!is_laid_out) found = lay_out(task);
    cost.entries = std::max(cost.entries, found.entries);
    cost.bytes = std::max(cost.bytes, found.bytes);
    cost.largest = std::max(cost.largest, found.largest);
    cost.seconds = std::max(cost.seconds, found.seconds);
    return found.seconds <= task.settings.seconds && found.bytes <= task.settings.bytes;
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
    states_.assign(sliced_.size(), 0);
    for (;;) {
        forward(keep);
        if (keep && total_.high != 0.0) backward();
        add_slice(task);
        for (Table& table : tables_) release(table);
        int k = static_cast<int>(sliced_.size()) - 1;
        for (; k >= 0 && ++states_[k] == problem_.sizes[sliced_[k]]; --k) states_[k] = 0;
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
    // The states of a switch have signs: what cancels in a slice's total need not cancel for each state asked for.
    if (total_.high == 0.0 && task.wanted.count > 0 &&
        std::any_of(sliced_.begin(), sliced_.end(), [&](int variable) { return problem_.is_switch[variable] != 0; }))
        sum_.error = INFINITY;
    if (total_.high == 0.0 && total_error_ == 0.0) return;
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
        const auto at = std::find(sliced_.begin(), sliced_.end(), place);
        if (at != sliced_.end()) {
            sum_.add(place, states_[static_cast<std::size_t>(at - sliced_.begin())], part);
            continue;
        }
        const double* belief = beliefs_[place].data();
        Part whole{};
        for (int state = 0; state < size; ++state)
            whole = whole + Part{{belief[state], belief[size + state]}, belief[2 * size + state]};
        for (int state = 0; state < size; ++state) {
            const Part own{{belief[state], belief[size + state]}, belief[2 * size + state]};
            sum_.add(place, state, sliced_.empty() ? own : part * (own / whole));
        }
    }
}

int Engine::add_table(const int* axes, int count) {
    Shape shape;
    shape.first = static_cast<int>(axes_.size());
    shape.count = count;
    for (int k = 0; k < count; ++k) {
        axes_.push_back(axes[k]);
        shape.entries *= sizes_[axes[k]];
    }
    shapes_.push_back(shape);
    return static_cast<int>(shapes_.size()) - 1;
}

// A new table over the axes of two, without one of them; `right` may be -1. Returns -1 where no table can be so wide.
int Engine::combined(int left, int right, int without) {
    int axes[2 * axes_most], count = 0;
    const Shape a = shapes_[left], b = right >= 0 ? shapes_[right] : Shape{};
    for (int i = 0, j = 0; i < a.count || j < b.count;) {
        const int x = i < a.count ? axes_[a.first + i] : INT32_MAX, y = j < b.count ? axes_[b.first + j] : INT32_MAX;
        const int axis = std::min(x, y);
        i += x == axis;
        j += y == axis;
        if (axis != without) axes[count++] = axis;
    }
    if (count >= axes_most) return -1;
    const int found = add_table(axes, count);
    shapes_[found].leads = a.leads || b.leads;
    return found;
}

// How many adjoints a step has: of a table that leads to what is asked for, and of the one that holds it.
int Engine::passes_back(const Step& step) const {
    const int leading = shapes_[step.left].leads + (step.right >= 0 && shapes_[step.right].leads);
    const bool is_asked = step.variable >= 0 && is_wanted_[step.variable] != 0;
    return leading == 0 && is_asked ? 1 : leading;
}

// Write down all steps, and so the cost, before a table is made.
Cost Engine::lay_out(const Task& task) {
    const int hidden = static_cast<int>(problem_.sizes.size());
    Cost cost;
    double slices = 1.0;
    rank_.assign(hidden, 0);
    sizes_.assign(hidden, 1);
    for (int variable : sliced_) rank_[variable] = -1, slices *= problem_.sizes[variable];
    for (int k = 0; k < hidden; ++k) {
        if (rank_[order_[k]] < 0) continue;
        rank_[order_[k]] = k;
        sizes_[k] = problem_.sizes[order_[k]];
    }
    is_wanted_.assign(hidden, 0);
    for (int k = 0; k < task.wanted.count; ++k) {
        const int place = problem_.place[task.wanted.variables[k]];
        if (place >= 0) is_wanted_[place] = 1;
    }
    axes_.clear();
    shapes_.clear();
    steps_.clear();
    star_seeds_.clear();
    scalar_seeds_.clear();
    members_.resize(hidden);
    stars_.resize(hidden);
    for (int k = 0; k < hidden; ++k) members_[k].clear(), stars_[k].clear();
    for (std::size_t s = 0; s < problem_.seeds.size(); ++s) {
        Axes axes;
        for (int axis : problem_.seeds[s].axes)
            if (rank_[axis] >= 0) axes.insert(rank_[axis]);
        if (axes.size() == 0) {
            scalar_seeds_.push_back(static_cast<int>(s));
        } else if (axes.size() == 2 && problem_.seeds[s].axes.size() == 2) {
            stars_[axes[0]].push_back(static_cast<int>(s));
        } else {
            const int table = add_table(axes.begin(), axes.size());
            shapes_[table].seed = static_cast<int>(s);
            members_[axes[0]].push_back(table);
        }
    }
    for (int rank = 0; rank < hidden; ++rank) {
        if (rank_[order_[rank]] < 0 || add_bucket(rank, members_[rank], stars_[rank])) continue;
        cost.entries = cost.largest = cost.seconds = cost.bytes = INFINITY;
        return cost;
    }
    const Step* widest_step = nullptr;
    for (const Step& step : steps_) {
        const int passes = task.wanted.count == 0 ? 1 : step.kind == Kind::star ? 2 : 1 + passes_back(step);
        cost.entries += step.union_entries * passes;
        if (step.union_entries <= cost.largest) continue;
        cost.largest = step.union_entries;
        widest_step = &step;
    }
    widest_.clear();
    if (widest_step != nullptr) {
        for (int table : {widest_step->left, widest_step->right, widest_step->result})
            for (int k = 0; table >= 0 && k < shapes_[table].count; ++k) widest_.push_back(axes_[shapes_[table].first + k]);
        std::sort(widest_.begin(), widest_.end());
        widest_.erase(std::unique(widest_.begin(), widest_.end()), widest_.end());
    }
    for (const Shape& shape : shapes_) cost.bytes += bytes_an_entry * shape.entries;
    cost.bytes += 3.0 * bytes_an_entry * cost.largest;  // adjoints under way
    cost.entries *= slices;
    cost.seconds = seconds_an_entry * cost.entries + seconds_a_step * slices * static_cast<double>(steps_.size());
    return cost;
}

// All tables that hold a variable: multiplied, the smallest first, and summed over it. False where one would be too wide.
bool Engine::add_bucket(int rank, std::vector<int>& members, std::vector<int>& star) {
    const int variable = order_[rank];
    if (!star.empty() || members.empty() || !is_flat(problem_.vector_of(variable), problem_.sizes[variable])) {
        // The innermost first: a star is built from its last axis outwards.
        auto far = [&](int s) { return rank_[other_axis(problem_.seeds[static_cast<std::size_t>(s)], variable)]; };
        std::sort(star.begin(), star.end(), [&](int a, int b) { return far(a) > far(b); });
        if (star.size() + 1 >= axes_most) return false;
        int axes[axes_most], count = 0;
        axes[count++] = rank;
        for (auto s = star.rbegin(); s != star.rend(); ++s) axes[count++] = far(*s);
        Step step;
        step.kind = Kind::star;
        step.variable = variable;
        step.first_seed = static_cast<int>(star_seeds_.size());
        step.seeds = static_cast<int>(star.size());
        star_seeds_.insert(star_seeds_.end(), star.begin(), star.end());
        step.result = add_table(axes, count);
        step.union_entries = 2.0 * shapes_[step.result].entries;
        steps_.push_back(step);
        members.push_back(step.result);
    }
    std::sort(members.begin(), members.end(), [&](int a, int b) {
        return shapes_[a].entries != shapes_[b].entries ? shapes_[a].entries < shapes_[b].entries : a < b;
    });
    int product = members[0];
    for (std::size_t k = 1; k < members.size(); ++k) {
        const bool is_last = k + 1 == members.size();
        Step step;
        step.kind = Kind::contract;
        step.left = product;
        step.right = members[k];
        step.variable = is_last ? variable : -1;
        step.result = combined(step.left, step.right, is_last ? rank : -1);
        if (step.result < 0) return false;
        step.union_entries = shapes_[step.result].entries * (is_last ? sizes_[rank] : 1);
        steps_.push_back(step);
        product = step.result;
    }
    if (members.size() == 1) {
        Step step;
        step.kind = Kind::sum;
        step.left = product;
        step.variable = variable;
        step.result = combined(product, -1, rank);
        step.union_entries = shapes_[product].entries;
        steps_.push_back(step);
        product = step.result;
    }
    Shape& message = shapes_[product];
    message.leads |= is_wanted_[variable] != 0;
    if (message.count > 0) members_[axes_[message.first]].push_back(product);
    return message.entries <= widest;
}

Table Engine::allocated(const Shape& shape) {
    Table table;
    table.axes = axes_.data() + shape.first;
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
    tables_.assign(shapes_.size(), Table{});
    for (std::size_t t = 0; t < shapes_.size(); ++t) {
        if (shapes_[t].seed < 0) continue;
        const Seed& seed = problem_.seeds[static_cast<std::size_t>(shapes_[t].seed)];
        Table& table = tables_[t] = allocated(shapes_[t]);
        const int count = table.count;
        std::int64_t strides[axes_most], stride = 1, from = 0;  // of the seed along the axes of the table
        for (int k = seed.axes.size() - 1; k >= 0; --k) {
            const int rank = rank_[seed.axes[k]];
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
                if (++states[k] < sizes_[table.axes[k]]) break;
                from -= strides[k] * states[k];
                states[k] = 0;
            }
        }
    }
}

// The product of a variable's own vector and its seeds with one other variable each: outer products, inside out.
void Engine::build_star(const Step& step) {
    Table& table = tables_[step.result] = allocated(shapes_[step.result]);
    const int size = problem_.sizes[step.variable];
    const std::int64_t width = table.entries / size;
    int depth = problem_.depths[step.variable];
    for (int k = 0; k < step.seeds; ++k)
        depth += 1 + problem_.seeds[static_cast<std::size_t>(star_seeds_[step.first_seed + k])].depth;
    for (int x = 0; x < size; ++x) {
        double *high = table.high + x * width, *low = table.low + x * width, *error = table.error + x * width;
        const Pair own = problem_.vector_of(step.variable)[x];
        high[0] = own.high;
        low[0] = own.low;
        std::int64_t filled = 1;
        for (int k = 0; k < step.seeds; ++k) {
            const Seed& seed = problem_.seeds[static_cast<std::size_t>(star_seeds_[step.first_seed + k])];
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
    for (int variable : sliced_)
        multiply_total(problem_.vector_of(variable)[state_of(variable)], problem_.depths[variable]);
    for (int s : scalar_seeds_) {
        const Seed& seed = problem_.seeds[static_cast<std::size_t>(s)];
        int at = 0;
        for (int axis : seed.axes) at = at * problem_.sizes[axis] + state_of(axis);
        multiply_total({seed.high[at], seed.low[at]}, seed.depth);
    }
    for (const Step& step : steps_) {
        if (step.kind == Kind::star) {
            build_star(step);
            continue;
        }
        Table& result = tables_[step.result] = allocated(shapes_[step.result]);
        const Table& right = step.right >= 0 ? tables_[step.right] : one();
        contract(tables_[step.left], right, result, sizes_.data(), scratch_);
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

void Engine::multiply_total(Pair factor, int depth, double error) {
    const double mine = std::fabs(total_.high), theirs = std::fabs(factor.high);
    error += unit * depth * theirs;
    total_ = times(total_, factor);
    total_error_ = total_error_ * (theirs + error) + mine * error + unit * std::fabs(total_.high);
    if (total_.high == 0.0 || std::fabs(total_.high) >= 0x1p-300) return;
    total_ = {std::ldexp(total_.high, 250), std::ldexp(total_.low, 250)};
    total_error_ = std::ldexp(total_error_, 250);
    exponent_ -= 250;
}

int Engine::state_of(int variable) const {
    return states_[static_cast<std::size_t>(std::find(sliced_.begin(), sliced_.end(), variable) - sliced_.begin())];
}

// The adjoint of a table is what it is multiplied by in the end; table times adjoint, summed, is a marginal.
void Engine::backward() {
    beliefs_.resize(problem_.sizes.size());
    adjoints_.assign(shapes_.size(), Table{});
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
        if (step->kind == Kind::star) continue;
        const bool is_asked = step->variable >= 0 && is_wanted_[step->variable];
        const bool left_leads = shapes_[step->left].leads, right_leads = step->right >= 0 && shapes_[step->right].leads;
        if (!is_asked && !left_leads && !right_leads) {
            release_step(*step);
            continue;
        }
        const Table received = shapes_[step->result].count == 0 ? one() : adjoints_[step->result];
        const Table& left = tables_[step->left];
        const Table& right = step->right >= 0 ? tables_[step->right] : one();
        const bool take_left = left_leads || (is_asked && !right_leads);
        if (take_left) {
            Table& adjoint = adjoints_[step->left] = allocated(shapes_[step->left]);
            contract(received, right, adjoint, sizes_.data(), scratch_);
        }
        if (right_leads) {
            Table& adjoint = adjoints_[step->right] = allocated(shapes_[step->right]);
            contract(received, left, adjoint, sizes_.data(), scratch_);
        }
        if (is_asked) {
            const int from = take_left ? step->left : step->right;
            const Table &own = tables_[from], &adjoint = adjoints_[from];
            const int rank = rank_[step->variable];
            const std::size_t size = static_cast<std::size_t>(sizes_[rank]);
            std::vector<double>& values = beliefs_[step->variable];  // the belief, its low parts, its errors
            values.assign(3 * size, 0.0);
            const Table belief{&rank, 1, sizes_[rank], &values[0], &values[size], &values[2 * size]};
            contract(own, adjoint, belief, sizes_.data(), scratch_);
        }
        if (take_left) rescale(adjoints_[step->left]);
        if (right_leads) rescale(adjoints_[step->right]);
        if (take_left && !left_leads) release(adjoints_[step->left]);
        release_step(*step);
    }
}

// What a step needed on the way back, nothing after it needs.
void Engine::release_step(const Step& step) {
    release(tables_[step.left]);
    if (step.right >= 0) release(tables_[step.right]);
    release(adjoints_[step.result]);
}

// The largest bound: on the error of a posterior, and on the relative error of P(evidence).
double Engine::bound_of(const Task& task) const {
    double worst = sum_.error / sum_.total.high;
    for (int k = 0; k < task.wanted.count; ++k) {
        const int place = problem_.place[task.wanted.variables[k]];
        if (place < 0) continue;
        double sum = 0.0, error = 0.0;
        for (int state = 0; state < problem_.sizes[place]; ++state) {
            const Part& part = sum_.part(place, state);
            sum += part.value.high;
            error += part.error;
        }
        worst = std::max(worst, sum > 0.0 ? 2.0 * error / sum : INFINITY);
    }
    return std::isnan(worst) ? INFINITY : slack * worst;
}

void Engine::write(const Task& task, double* log_evidence, double* marginals) const {
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
