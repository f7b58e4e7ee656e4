// Small buckets as steps of a schedule: what they multiply, and where it is kept.
#include <algorithm>

#include "schedule.hpp"

namespace legdx {
namespace LEGDX_ISA {

// A bucket in one step, where all of it fits into one block; false where it does not.
bool Schedules::add_small_bucket(int rank, const std::vector<int>& members, const std::vector<int>& star) {
    Schedule& made = *made_;
    const int variable = made.order[rank];
    int axes[small_axes] = {rank}, count = 1, block = made.sizes[rank];
    auto add_axis = [&](int axis) {
        int* const end = axes + count;
        int* const at = std::lower_bound(axes, end, axis);
        if (at != end && *at == axis) return true;
        block *= made.sizes[axis];
        if (block > block_most || count == small_axes) return false;
        std::copy_backward(at, end, end + 1);
        *at = axis;
        ++count;
        return true;
    };
    if (block > block_most) return false;
    for (int seed : star)
        if (!add_axis(made.rank[other_axis(seed, variable)])) return false;
    for (int table : members)
        for (int k = 0; k < made.shapes[table].count; ++k)
            if (!add_axis(made.axes[made.shapes[table].first + k])) return false;
    Bucket bucket;
    bucket.variable = variable;
    bucket.is_asked = made.is_wanted[variable] != 0;
    bucket.first = static_cast<int>(made.factors.size());
    auto add_factor = [&](Factor::From from, int index) {
        Factor factor;
        factor.from = from;
        factor.index = index;
        made.factors.push_back(factor);
    };
    if (!is_flat_[variable]) add_factor(Factor::From::own, variable);
    for (int seed : star) add_factor(Factor::From::seed, seed);
    for (bool leading : {false, true})
        for (int table : members) {
            Schedule::Shape& shape = made.shapes[table];
            if (shape.leads != leading) continue;
            shape.is_read_in_place = true;
            add_factor(shape.seed >= 0 ? Factor::From::seed : Factor::From::table, shape.seed >= 0 ? shape.seed : table);
            bucket.leading += leading;
        }
    bucket.factors = static_cast<int>(made.factors.size()) - bucket.first;
    bucket.block = block;
    bucket.length = block / made.sizes[rank];
    if (block > lanes && bucket.factors - bucket.leading > 2) group_factors(bucket);
    bucket.axes = static_cast<int>(made.axes.size());
    made.axes.push_back(rank);
    bucket.result = add_table(axes + 1, count - 1);
    bucket.count = count;
    made.shapes[bucket.result].leads = bucket.leading > 0;
    made.shapes[bucket.result].is_made_in_bucket = true;
    Schedule::Step step;
    step.kind = Schedule::Kind::bucket;
    step.variable = variable;
    step.result = bucket.result;
    step.union_entries = block;
    step.bucket = static_cast<int>(made.buckets.size());
    made.buckets.push_back(bucket);
    made.steps.push_back(std::move(step));
    return send(bucket.result, variable);
}

// The axes of a factor, ascending.
const int* Schedules::axes_of(const Factor& factor, int* room, int& count) const {
    if (factor.from == Factor::From::table) {
        const Schedule::Shape& shape = made_->shapes[factor.index];
        count = shape.count;
        return made_->axes.data() + shape.first;
    }
    count = 0;
    if (factor.from == Factor::From::own) {
        room[count++] = made_->rank[factor.index];
    } else {
        for (int axis : problem_->seeds[factor.index].axes)
            if (made_->rank[axis] >= 0) room[count++] = made_->rank[axis];
        std::sort(room, room + count);
    }
    return room;
}

// Put factors that follow one another into groups, each over one vector.
void Schedules::group_factors(Bucket& bucket) {
    Schedule& made = *made_;
    grouped_.clear();
    bucket.first_group = static_cast<int>(made.groups.size());
    const int plain = bucket.factors - bucket.leading;
    for (int f = 0; f < plain;) {
        int axes[2 * axes_most], room[axes_most], count = 0, block = 1, end = f;
        for (; end < plain; ++end) {
            int theirs = 0, merged[2 * axes_most];
            const int* const own = axes_of(made.factors[bucket.first + end], room, theirs);
            const int found = static_cast<int>(std::set_union(axes, axes + count, own, own + theirs, merged) - merged);
            int entries = 1;
            for (int k = 0; k < found; ++k) entries *= made.sizes[merged[k]];
            if (entries > lanes) break;
            std::copy(merged, merged + found, axes);
            count = found;
            block = entries;
        }
        if (end < f + 2) {
            grouped_.push_back(made.factors[bucket.first + f]);
            f += 1;
            continue;
        }
        Group group;
        group.first = bucket.first + f;
        group.factors = end - f;
        group.axes = static_cast<int>(made.axes.size());
        group.count = count;
        group.block = block;
        made.axes.insert(made.axes.end(), axes, axes + count);
        Factor factor;
        factor.from = Factor::From::group;
        factor.index = static_cast<int>(made.groups.size());
        made.groups.push_back(group);
        grouped_.push_back(factor);
        f = end;
    }
    bucket.groups = static_cast<int>(made.groups.size()) - bucket.first_group;
    if (bucket.groups == 0) return;
    const auto leading = made.factors.begin() + bucket.first + plain;
    grouped_.insert(grouped_.end(), leading, leading + bucket.leading);
    bucket.first = static_cast<int>(made.factors.size());
    bucket.factors = static_cast<int>(grouped_.size());
    made.factors.insert(made.factors.end(), grouped_.begin(), grouped_.end());
}

// Give each small table its place in the arena.
void Schedules::place_small_tables(Schedule& schedule) {
    schedule.arena = 0;
    auto take = [&](int entries) {
        const int at = schedule.arena;
        schedule.arena += 3 * padded_to_lanes(entries);
        return at;
    };
    for (Schedule::Shape& shape : schedule.shapes) {
        if (shape.entries > block_most || (shape.seed >= 0 && shape.is_read_in_place)) continue;
        shape.slot = take(static_cast<int>(shape.entries));
        shape.adjoint_slot = take(static_cast<int>(shape.entries));
    }
    for (Group& group : schedule.groups) group.slot = take(group.block);
    for (Bucket& bucket : schedule.buckets) {
        bucket.product = take(bucket.block);
        bucket.others = bucket.leading > 0 ? take(bucket.block) : bucket.product;
    }
    schedule.arena += lanes;  // vectors may be read past the end
}

}  // namespace LEGDX_ISA
}  // namespace legdx
