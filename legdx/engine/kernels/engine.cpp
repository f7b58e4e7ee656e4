#include "engine.hpp"

#include <algorithm>
#include <cmath>

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr double slack = 1.01;  // bounds are themselves computed in doubles
constexpr int other_orders = 3;  // tried where rounding may have done harm

}  // namespace

void Engine::run(const Task& task, const Row& row, Answer& answer) {
    const Network& network = *task.network;
    memory_.clear();
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
    for (Memory* memory : {&memory_, &tables_memory_}) memory->clear(Memory::most_at_rest);
}

// Run the plan; where its bound is under `least`, write what was found. Returns the lesser of the two.
double Engine::compute(const Task& task, double* log_evidence, double* marginals, double least) {
    if (problem_.is_zero || problem_.is_lost) return least;
    recycler_.clear();
    tables_memory_.clear();
    arena_ = tables_memory_.take(static_cast<std::size_t>(schedule_->arena));
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
