#include "schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr double seconds_an_entry = 1.8e-9;
constexpr double bytes_an_entry = 3 * sizeof(double);
constexpr double seconds_a_step = 4e-7;
constexpr double widest = 1e15;
constexpr double cached_entries = 1 << 16;  // of a table that stays in a processor's cache
constexpr double slices_may_cost = 1.5;     // as against larger tables

inline bool is_flat(const Pair* values, int size) {
    return std::all_of(values, values + size, [](const Pair& value) { return is_one(value); });
}

// Of an even number of words, two by two.
std::uint64_t hash_of(const std::vector<std::int32_t>& words) {
    std::uint64_t hash = 0;
    for (std::size_t k = 0; k < words.size(); k += 2) {
        std::uint64_t two;
        std::memcpy(&two, words.data() + k, sizeof(two));
        hash = (hash ^ two) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}

}  // namespace

Schedule& Schedules::best(const Task& task, const Problem& problem) {
    task_ = &task;
    problem_ = &problem;
    is_planned_ = false;
    read_structure();
    const std::uint64_t hash = hash_of(structure_);
    Slot* const set = &kept_[(hash ^ hash >> 32) % (slots / ways) * ways];
    Slot* oldest = set;
    for (std::size_t w = 0; w < ways; ++w) {
        if (set[w].hash == hash && set[w].structure == structure_ && set[w].schedule.is_for(task.settings.bytes)) {
            set[w].used = ++clock_;
            return judged(set[w].schedule);
        }
        if (set[w].used < oldest->used) oldest = set + w;
    }
    is_planned_ = true;
    const std::vector<int>& order = planner_.run(problem, only_wanted()).order;
    std::uint64_t& seen = seen_[hash % hashes];
    if (seen != hash) {
        seen = hash;
        fill(order, first_);
        return judged(first_);
    }
    oldest->structure.clear();  // in case memory runs out half-way
    fill(order, oldest->schedule);
    oldest->schedule.is_kept = true;
    oldest->structure = structure_;
    oldest->hash = hash;
    oldest->used = ++clock_;
    return judged(oldest->schedule);
}

Schedule& Schedules::judged(Schedule& schedule) const {
    const Cost& cost = schedule.cost;
    schedule.is_affordable = std::isfinite(cost.entries) &&  // else steps are missing, which no budget makes good
                             cost.seconds <= task_->settings.seconds && cost.bytes <= task_->settings.bytes;
    return schedule;
}

Schedule& Schedules::along_another(int another) {
    if (!is_planned_) planner_.run(*problem_, only_wanted());
    is_planned_ = true;
    fill(planner_.another(another).order, other_);
    return judged(other_);
}

int Schedules::only_wanted() const {
    return task_->wanted.count == 1 ? problem_->place[task_->wanted.variables[0]] : -1;
}

// All that the choice of steps looks at: no number, but whether a vector has any.
void Schedules::read_structure() {
    const int hidden = static_cast<int>(problem_->sizes.size());
    is_flat_.resize(hidden);
    structure_.assign({hidden, task_->wanted.count});
    for (int v = 0; v < hidden; ++v) {
        is_flat_[v] = is_flat(problem_->vector_of(v), problem_->sizes[v]);
        structure_.push_back(4 * problem_->sizes[v] + 2 * problem_->must_stay[v] + is_flat_[v]);
    }
    for (int k = 0; k < task_->wanted.count; ++k) structure_.push_back(problem_->place[task_->wanted.variables[k]]);
    for (const Seed& seed : problem_->seeds) {
        structure_.push_back(-seed.axes.size());
        structure_.insert(structure_.end(), seed.axes.begin(), seed.axes.end());
    }
    if (structure_.size() % 2 != 0) structure_.push_back(0);
}

// Where tables would be larger than the processor's cache, some variables are taken out of them all, and the rest is run
// once for each combination of their states (cutset conditioning, Pearl 1988): about as much work, in little memory.
void Schedules::fill(const std::vector<int>& order, Schedule& schedule) {
    made_ = &schedule;
    schedule.order = order;
    schedule.sliced.clear();
    schedule.is_kept = false;
    schedule.least_bytes = 0.0;
    schedule.most_bytes = INFINITY;
    lay_out();
    Cost found = schedule.cost;
    bool is_laid_out = true;
    const double most = slices_may_cost * found.entries;
    while (found.largest > cached_entries && std::isfinite(found.entries)) {
        candidates_ = widest_;
        Cost least;
        int best = -1;
        for (int rank : candidates_) {
            if (problem_->must_stay[order[static_cast<std::size_t>(rank)]]) continue;
            is_laid_out = false;
            schedule.sliced.push_back(order[static_cast<std::size_t>(rank)]);
            lay_out();
            schedule.sliced.pop_back();
            if (best >= 0 && schedule.cost.entries >= least.entries) continue;
            best = order[static_cast<std::size_t>(rank)];
            least = schedule.cost;
        }
        if (best < 0 || (least.entries > most && schedule.fits(found.bytes, task_->settings.bytes))) break;
        schedule.sliced.push_back(best);
        lay_out();  // for its widest table: what is taken out of that next is not the same again
        is_laid_out = true;
        found = schedule.cost;
    }
    if (!is_laid_out) lay_out();
    place_small_tables(schedule);
}

int Schedules::other_axis(int seed, int variable) const {
    const Axes& axes = problem_->seeds[static_cast<std::size_t>(seed)].axes;
    return axes[axes[0] == variable ? 1 : 0];
}

int Schedules::add_table(const int* axes, int count) {
    Schedule::Shape shape;
    shape.first = static_cast<int>(made_->axes.size());
    shape.count = count;
    for (int k = 0; k < count; ++k) {
        made_->axes.push_back(axes[k]);
        shape.entries *= made_->sizes[axes[k]];
    }
    made_->shapes.push_back(shape);
    return static_cast<int>(made_->shapes.size()) - 1;
}

// A new table over the axes of two, without one of them; `right` may be -1. Returns -1 where no table can be so wide.
int Schedules::combined(int left, int right, int without) {
    int axes[2 * axes_most], count = 0;
    const Schedule::Shape a = made_->shapes[left], b = right >= 0 ? made_->shapes[right] : Schedule::Shape{};
    const std::vector<int>& all = made_->axes;
    for (int i = 0, j = 0; i < a.count || j < b.count;) {
        const int x = i < a.count ? all[a.first + i] : INT32_MAX, y = j < b.count ? all[b.first + j] : INT32_MAX;
        const int axis = std::min(x, y);
        i += x == axis;
        j += y == axis;
        if (axis != without) axes[count++] = axis;
    }
    if (count >= axes_most) return -1;
    const int found = add_table(axes, count);
    made_->shapes[found].leads = a.leads || b.leads;
    return found;
}

// Products of entries that a step takes, forward and back. An adjoint is made for each table that leads to what is asked
// for, and for the one that holds it.
double Schedules::entries_of(const Schedule::Step& step) const {
    const bool is_forward_only = task_->wanted.count == 0;
    if (step.kind == Schedule::Kind::bucket) {
        const Bucket& bucket = made_->buckets[step.bucket];
        const int back = bucket.is_asked + (bucket.leading > 0 ? 3 * bucket.leading - 2 : 0);
        double entries = static_cast<double>(bucket.block) * (bucket.factors + (is_forward_only ? 0 : back));
        for (int g = bucket.first_group; g < bucket.first_group + bucket.groups; ++g)
            entries += made_->groups[g].block * made_->groups[g].factors;
        return entries;
    }
    if (is_forward_only) return step.union_entries;
    if (step.kind == Schedule::Kind::star) return 2.0 * step.union_entries;
    const int leading = made_->shapes[step.left].leads + (step.right >= 0 && made_->shapes[step.right].leads);
    const bool is_asked = step.variable >= 0 && made_->is_wanted[step.variable] != 0;
    return step.union_entries * (1 + (leading == 0 && is_asked ? 1 : leading));
}

void Schedules::lay_out() {
    Schedule& made = *made_;
    const int hidden = static_cast<int>(problem_->sizes.size());
    Cost cost;
    double slices = 1.0;
    made.rank.assign(hidden, 0);
    made.sizes.assign(hidden, 1);
    for (int variable : made.sliced) made.rank[variable] = -1, slices *= problem_->sizes[variable];
    for (int k = 0; k < hidden; ++k) {
        if (made.rank[made.order[k]] < 0) continue;
        made.rank[made.order[k]] = k;
        made.sizes[k] = problem_->sizes[made.order[k]];
    }
    made.is_wanted.assign(hidden, 0);
    for (int k = 0; k < task_->wanted.count; ++k) {
        const int place = problem_->place[task_->wanted.variables[k]];
        if (place >= 0) made.is_wanted[place] = 1;
    }
    made.alone.clear();
    made.axes.clear();
    made.shapes.clear();
    made.steps.clear();
    made.buckets.clear();
    made.factors.clear();
    made.groups.clear();
    made.pool.clear();
    made.star_seeds.clear();
    made.scalar_seeds.clear();
    members_.resize(hidden);
    stars_.resize(hidden);
    for (int k = 0; k < hidden; ++k) members_[k].clear(), stars_[k].clear();
    for (std::size_t s = 0; s < problem_->seeds.size(); ++s) {
        Axes axes;
        for (int axis : problem_->seeds[s].axes)
            if (made.rank[axis] >= 0) axes.insert(made.rank[axis]);
        if (axes.size() == 0) {
            made.scalar_seeds.push_back(static_cast<int>(s));
        } else if (axes.size() == 2 && problem_->seeds[s].axes.size() == 2) {
            stars_[axes[0]].push_back(static_cast<int>(s));
        } else {
            const int table = add_table(axes.begin(), axes.size());
            made.shapes[table].seed = static_cast<int>(s);
            members_[axes[0]].push_back(table);
        }
    }
    for (int rank = 0; rank < hidden; ++rank) {
        if (made.rank[made.order[rank]] < 0) continue;
        if (members_[rank].empty() && stars_[rank].empty()) {
            made.alone.push_back(made.order[rank]);
            continue;
        }
        if (add_bucket(rank, members_[rank], stars_[rank])) continue;
        cost.entries = cost.largest = cost.seconds = cost.bytes = INFINITY;
        made.cost = cost;
        return;
    }
    const Schedule::Step* widest_step = nullptr;
    for (const Schedule::Step& step : made.steps) {
        cost.entries += entries_of(step);
        if (step.union_entries <= cost.largest) continue;
        cost.largest = step.union_entries;
        widest_step = &step;
    }
    for (int variable : made.alone) {
        cost.entries += problem_->sizes[variable];
        cost.largest = std::max<double>(cost.largest, problem_->sizes[variable]);
    }
    widest_.clear();
    if (widest_step != nullptr) {
        for (int table : {widest_step->left, widest_step->right, widest_step->result})
            for (int k = 0; table >= 0 && k < made.shapes[table].count; ++k)
                widest_.push_back(made.axes[made.shapes[table].first + k]);
        if (widest_step->bucket >= 0) widest_.push_back(made.rank[widest_step->variable]);
        std::sort(widest_.begin(), widest_.end());
        widest_.erase(std::unique(widest_.begin(), widest_.end()), widest_.end());
    }
    for (const Schedule::Shape& shape : made.shapes) cost.bytes += bytes_an_entry * shape.entries;
    cost.bytes += 3.0 * bytes_an_entry * cost.largest;  // adjoints under way
    cost.entries *= slices;
    cost.seconds = seconds_an_entry * cost.entries + seconds_a_step * slices * static_cast<double>(made.steps.size());
    made.cost = cost;
}

// All tables that hold a variable: multiplied, the smallest first, and summed over it. False where one would be too wide.
bool Schedules::add_bucket(int rank, std::vector<int>& members, std::vector<int>& star) {
    if (add_small_bucket(rank, members, star)) return true;
    Schedule& made = *made_;
    const int variable = made.order[rank];
    if (!star.empty() || members.empty() || !is_flat_[variable]) {
        // The innermost first: a star is built from its last axis outwards.
        auto far = [&](int seed) { return made.rank[other_axis(seed, variable)]; };
        std::sort(star.begin(), star.end(), [&](int a, int b) { return far(a) > far(b); });
        if (star.size() + 1 >= axes_most) return false;
        int axes[axes_most], count = 0;
        axes[count++] = rank;
        for (auto s = star.rbegin(); s != star.rend(); ++s) axes[count++] = far(*s);
        Schedule::Step step;
        step.kind = Schedule::Kind::star;
        step.variable = variable;
        step.first_seed = static_cast<int>(made.star_seeds.size());
        step.seeds = static_cast<int>(star.size());
        made.star_seeds.insert(made.star_seeds.end(), star.begin(), star.end());
        step.result = add_table(axes, count);
        step.union_entries = 2.0 * made.shapes[step.result].entries;
        made.steps.push_back(std::move(step));
        members.push_back(step.result);
    }
    std::sort(members.begin(), members.end(), [&](int a, int b) {
        return made.shapes[a].entries != made.shapes[b].entries ? made.shapes[a].entries < made.shapes[b].entries : a < b;
    });
    int product = members[0];
    for (std::size_t k = 1; k < members.size(); ++k) {
        const bool is_last = k + 1 == members.size();
        Schedule::Step step;
        step.kind = Schedule::Kind::contract;
        step.left = product;
        step.right = members[k];
        step.variable = is_last ? variable : -1;
        step.result = combined(step.left, step.right, is_last ? rank : -1);
        if (step.result < 0) return false;
        step.union_entries = made.shapes[step.result].entries * (is_last ? made.sizes[rank] : 1);
        made.steps.push_back(std::move(step));
        product = step.result;
    }
    if (members.size() == 1) {
        Schedule::Step step;
        step.kind = Schedule::Kind::sum;
        step.left = product;
        step.variable = variable;
        step.result = combined(product, -1, rank);
        step.union_entries = made.shapes[product].entries;
        made.steps.push_back(std::move(step));
        product = step.result;
    }
    return send(product, variable);
}

// Hand what a bucket came to on to the next that holds it; false where it is too wide.
bool Schedules::send(int product, int variable) {
    Schedule::Shape& message = made_->shapes[product];
    message.leads |= made_->is_wanted[variable] != 0;
    if (message.count > 0) members_[made_->axes[message.first]].push_back(product);
    return message.entries <= widest;
}

}  // namespace LEGDX_ISA
}  // namespace legdx
