#include "bucket.hpp"

#include <algorithm>

#include "engine.hpp"

namespace legdx {
namespace LEGDX_ISA {
namespace {

// rotations[h][k] = (k + h) mod 8.
struct Rotations {
    int at[lanes][lanes];
    constexpr Rotations() : at() {
        for (int h = 0; h < lanes; ++h)
            for (int k = 0; k < lanes; ++k) at[h][k] = (k + h) % lanes;
    }
};
constexpr Rotations rotations;

constexpr int no_axis = -1;

inline bool is_power_of_two(int number) { return (number & (number - 1)) == 0; }

}  // namespace

// The axes of a product, the last one first, with what their strides are in an operand that has them all.
struct Engine::Along {
    int axes[small_axes], sizes[small_axes] = {}, whole[small_axes] = {};
    int count, block = 1;

    Along(const Product& product, const Schedule& schedule) : count(product.count) {
        std::fill_n(axes, small_axes, no_axis - 1);
        for (int k = 0; k < count; ++k) {
            axes[k] = schedule.axes[product.axes + count - 1 - k];
            sizes[k] = schedule.sizes[axes[k]];
            whole[k] = block;
            block *= sizes[k];
        }
    }
};

// Find where each factor's entries lie; once for a schedule, as it takes longer than the arithmetic.
void Engine::prepare(Bucket& bucket) {
    std::vector<int>& pool = schedule_->pool;
    for (int g = bucket.first_group; g < bucket.first_group + bucket.groups; ++g) {
        const Group& group = schedule_->groups[g];
        const Along along(group, *schedule_);
        for (int f = 0; f < group.factors; ++f) lay_out(schedule_->factors[group.first + f], along);
    }
    const Along along(bucket, *schedule_);
    for (int f = 0; f < bucket.factors; ++f) {
        Factor& factor = schedule_->factors[bucket.first + f];
        lay_out(factor, along);
        if (f >= bucket.factors - bucket.leading) lay_out_back(factor, bucket);
    }
    bucket.repeats = static_cast<int>(pool.size());
    for (int k = 0; k < lanes; ++k) pool.push_back(k % bucket.length);
    bucket.is_prepared = true;
}

void Engine::lay_out(Factor& factor, const Along& along) {
    alignas(64) int strides[small_axes] = {};  // along the axes of the block
    int stride = 1;
    const auto step_along = [&](int axis, int states) {
        for (int k = 0; k < small_axes; ++k) strides[k] += along.axes[k] == axis ? stride : 0;
        stride *= states;
    };
    bool is_whole = true;
    if (factor.from == Factor::From::own) {
        strides[along.count - 1] = 2;  // a high and a low part
        factor.entries = along.sizes[along.count - 1];
        is_whole = false;
    } else if (factor.from == Factor::From::seed) {
        const Seed& seed = problem_.seeds[factor.index];
        factor.entries = seed.entries;
        for (int k = seed.axes.size() - 1; k >= 0; --k) {
            const int rank = schedule_->rank[seed.axes[k]];
            is_whole &= rank >= 0;
            step_along(rank >= 0 ? rank : no_axis, problem_.sizes[seed.axes[k]]);
        }
    } else {
        const bool is_group = factor.from == Factor::From::group;
        const int first = is_group ? schedule_->groups[factor.index].axes : schedule_->shapes[factor.index].first;
        const int count = is_group ? schedule_->groups[factor.index].count : schedule_->shapes[factor.index].count;
        for (int k = first + count - 1; k >= first; --k) step_along(schedule_->axes[k], schedule_->sizes[schedule_->axes[k]]);
        factor.entries = stride;
    }
    for (int k = 0; k < small_axes; ++k) is_whole &= strides[k] == along.whole[k];
    factor.offsets = lies_whole;
    if (is_whole) return;
    std::vector<int>& pool = schedule_->pool;
    factor.offsets = static_cast<int>(pool.size());
    pool.resize(pool.size() + padded_to_lanes(along.block));
    fill_offsets(along.sizes, strides, along.count, along.block, pool.data() + factor.offsets);
}

// What the adjoint of a table sums.
void Engine::lay_out_back(Factor& factor, const Bucket& bucket) {
    std::vector<int>& pool = schedule_->pool;
    factor.terms = static_cast<int>(pool.size());
    if (bucket.block <= lanes) {
        const int count = bucket.block / factor.entries;
        pool.resize(pool.size() + count * lanes, 0);
        int filled[lanes] = {};
        for (int p = 0; p < bucket.block; ++p) {
            const int entry = factor.offsets == lies_whole ? p : pool[factor.offsets + p];
            pool[factor.terms + lanes * filled[entry]++ + entry] = p;
        }
    } else {
        const Schedule::Shape& shape = schedule_->shapes[factor.index];
        int outer = 1, inner = bucket.block, own = 0;
        for (int k = 0; k < bucket.count; ++k) {
            const int axis = schedule_->axes[bucket.axes + k], size = schedule_->sizes[axis];
            inner /= size;
            if (own < shape.count && schedule_->axes[shape.first + own] == axis) ++own, outer *= size;
            else pool.insert(pool.end(), {outer, size, inner});
        }
    }
    factor.terms_end = static_cast<int>(pool.size());
}

// A factor's entries over eight of the block.
inline Lanes Engine::read(const Factor& factor, int from) const {
    const int* const at = schedule_->pool.data() + factor.offsets + from;
    const bool is_short = factor.entries <= lanes;
    if (factor.from == Factor::From::table || factor.from == Factor::From::group) {
        const bool is_table = factor.from == Factor::From::table;
        const int slot = is_table ? schedule_->shapes[factor.index].slot : schedule_->groups[factor.index].slot;
        const Values own = values_at(arena_, slot, factor.entries);
        if (factor.offsets == lies_whole) return load(shifted(own, from));
        if (is_short) return near(own, at);
        return {gathered(own.high, at), gathered(own.low, at), gathered(own.error, at)};
    }
    Lanes found;
    int depth;
    if (factor.from == Factor::From::own) {
        const double* const own = &problem_.vector_of(factor.index)->high;
        depth = problem_.depths[factor.index];
        if (2 * factor.entries <= lanes) {
            found.high = near(own, 2 * factor.entries, at);
            found.low = near(own + 1, 2 * factor.entries - 1, at);
        } else {
            found.high = gathered(own, at);
            found.low = gathered(own + 1, at);
        }
    } else {
        const Seed& seed = problem_.seeds[factor.index];
        depth = seed.depth;
        if (factor.offsets == lies_whole) {
            found.high = load(seed.high + from);
            found.low = load(seed.low + from);
        } else if (is_short && schedule_->sliced.empty()) {
            found.high = near(seed.high, at);
            found.low = near(seed.low, at);
        } else {
            const int slice = place_in_slice(seed);
            found.high = gathered(seed.high + slice, at);
            found.low = gathered(seed.low + slice, at);
        }
    }
    found.error = about_product_plus(all(unit * depth), magnitude(found.high), all(underflow));
    return found;
}

// Where the entries of a seed begin in which the sliced variables have their states.
int Engine::place_in_slice(const Seed& seed) const {
    int place = 0, stride = 1;
    for (int k = seed.axes.size() - 1; k >= 0; --k) {
        if (schedule_->rank[seed.axes[k]] < 0) place += stride * state_of(seed.axes[k]);
        stride *= problem_.sizes[seed.axes[k]];
    }
    return place;
}

// Multiply all factors, those that lead last, and sum over the variable.
void Engine::forward(Bucket& bucket) {
    if (!bucket.is_prepared) prepare(bucket);
    for (int g = bucket.first_group; g < bucket.first_group + bucket.groups; ++g) {
        const Group& group = schedule_->groups[g];
        Lanes product = read(schedule_->factors[group.first], 0);
        for (int f = 1; f < group.factors; ++f) product = times(product, read(schedule_->factors[group.first + f], 0));
        store(values_at(arena_, group.slot, group.block), product);
    }
    const Factor* const factors = schedule_->factors.data() + bucket.first;
    const int plain = bucket.factors - bucket.leading, size = bucket.block / bucket.length;
    const Values product = values_at(arena_, bucket.product, bucket.block);
    const Values others = values_at(arena_, bucket.others, bucket.block);
    const Schedule::Shape& shape = schedule_->shapes[bucket.result];
    const Values result = values_at(arena_, shape.slot, bucket.length);
    Lanes so_far;
    for (int from = 0; from < bucket.block; from += lanes) {
        so_far = read(factors[0], from);
        for (int f = 1; f < plain; ++f) so_far = times(so_far, read(factors[f], from));
        if (plain > 0) store(shifted(others, from), so_far);
        for (int f = std::max(plain, 1); f < bucket.factors; ++f) so_far = times(so_far, read(factors[f], from));
        store(shifted(product, from), so_far);
    }
    bool is_near_one = false;
    if (bucket.block <= lanes) {
        Lanes sum = so_far;
        for (int x = 1; x < size; ++x) sum = plus(sum, chosen(so_far, rotations.at[x * bucket.length]));
        store(result, sum);
        is_near_one = lie_between(sum.high, bucket.length, near_one, 1.0 / near_one);
    } else {
        for (int from = 0; from < bucket.length; from += lanes) {
            Lanes sum = load(shifted(product, from));
            for (int x = 1; x < size; ++x) sum = plus(sum, load(shifted(product, x * bucket.length + from)));
            store(shifted(result, from), sum);
        }
    }
    const bool is_root = shape.count == 0;
    if (!is_near_one || is_root || !shape.is_read_in_place) {
        const Table table = tables_[bucket.result] = allocated(bucket.result);
        exponent_ += rescale(table);
        if (is_root) multiply_total({result.high[0], result.low[0]}, 0, result.error[0]);
    }
}

// What each leading factor is multiplied by in the end, and what the variable's own states sum to.
void Engine::backward(const Bucket& bucket) {
    if (!bucket.is_asked && bucket.leading == 0) return;
    if (bucket.block <= lanes) return backward_in_lanes(bucket);
    const Schedule::Shape& shape = schedule_->shapes[bucket.result];
    const int size = bucket.block / bucket.length, plain = bucket.factors - bucket.leading;
    const Values product = values_at(arena_, bucket.product, bucket.block);
    const Values others = values_at(arena_, bucket.others, bucket.block);
    const bool is_root = shape.count == 0;
    Block received_block, work_block;
    const Values received = values_of(received_block), work = values_of(work_block);
    auto multiply = [&](const Values& to, const Values& x, const Values& y) {
        for (int k = 0; k < bucket.block; k += lanes) store(shifted(to, k), times(load(shifted(x, k)), load(shifted(y, k))));
    };
    if (!is_root) {
        const Values adjoint = values_at(arena_, shape.adjoint_slot, bucket.length);
        for (int x = 0; x < size; ++x) copy_values(shifted(received, x * bucket.length), adjoint, bucket.length);
        const int left = padded_to_lanes(bucket.block) - bucket.block;
        for (double* end : {received.high, received.low, received.error}) std::fill_n(end + bucket.block, left, 0.0);
    }
    if (bucket.is_asked) {
        if (is_root) copy_values(work, product, bucket.block);
        else multiply(work, product, received);
        for (int x = 0; x < size; ++x) sum_values(shifted(work, x * bucket.length), bucket.length);
        keep_belief(bucket, work);
    }
    if (bucket.leading == 0) return;
    // Of all but the leading ones, in `received`.
    const int padded = padded_to_lanes(bucket.block);
    if (plain == 0 && is_root) {
        std::fill_n(received.high, padded, 1.0);
        std::fill_n(received.low, padded, 0.0);
        std::fill_n(received.error, padded, 0.0);
    } else if (is_root) {
        copy_values(received, others, padded);
    } else if (plain > 0) {
        multiply(received, received, others);
    }
    const Factor* const leading = schedule_->factors.data() + bucket.first + plain;
    if (bucket.leading == 1) return send_back(leading[0], received);
    const std::size_t count = static_cast<std::size_t>(bucket.leading);
    if (leading_.size() < count) leading_.resize(count), after_.resize(count);
    for (std::size_t f = 0; f < count; ++f)
        for (int k = 0; k < bucket.block; k += lanes) store(shifted(values_of(leading_[f]), k), read(leading[f], k));
    // Each one's adjoint is the product of those before it and of those after it.
    for (std::size_t f = count - 1; f-- > 0;) {
        const Values after = values_of(after_[f]), next = values_of(leading_[f + 1]);
        if (f + 2 == count) copy_values(after, next, padded);
        else multiply(after, next, values_of(after_[f + 1]));
    }
    for (std::size_t f = 0; f < count; ++f) {
        if (f + 1 == count) {
            send_back(leading[f], received);
        } else {
            multiply(work, received, values_of(after_[f]));
            send_back(leading[f], work);
            multiply(received, received, values_of(leading_[f]));
        }
    }
}

// The same for a block of one vector.
void Engine::backward_in_lanes(const Bucket& bucket) {
    const Schedule::Shape& shape = schedule_->shapes[bucket.result];
    const int plain = bucket.factors - bucket.leading;
    const bool is_root = shape.count == 0;
    Lanes received{all(1.0), all(0.0), all(0.0)};
    if (!is_root) {
        const Values adjoint = values_at(arena_, shape.adjoint_slot, bucket.length);
        received = near(adjoint, schedule_->pool.data() + bucket.repeats);
    }
    if (bucket.is_asked) {
        Lanes sum = load(values_at(arena_, bucket.product, bucket.block));
        if (!is_root) sum = times(sum, received);
        const bool is_halved = is_power_of_two(bucket.length);
        for (int half = bucket.length / 2; is_halved && half > 0; half /= 2) sum = plus(sum, chosen(sum, rotations.at[half]));
        Block block;
        store(values_of(block), sum);
        for (int at = 0; !is_halved && at < bucket.block; at += bucket.length)
            sum_values(shifted(values_of(block), at), bucket.length);
        keep_belief(bucket, values_of(block));
    }
    if (bucket.leading == 0) return;
    if (plain > 0) {
        const Lanes others = load(values_at(arena_, bucket.others, bucket.block));
        received = is_root ? others : times(received, others);
    }
    const Factor* const leading = schedule_->factors.data() + bucket.first + plain;
    if (bucket.leading == 1) return send_back(leading[0], received);
    const std::size_t count = static_cast<std::size_t>(bucket.leading);
    if (leading_lanes_.size() < count) leading_lanes_.resize(count), after_lanes_.resize(count);
    for (std::size_t f = 0; f < count; ++f) leading_lanes_[f] = read(leading[f], 0);
    for (std::size_t f = count - 1; f-- > 0;)
        after_lanes_[f] = f + 2 == count ? leading_lanes_[f + 1] : times(leading_lanes_[f + 1], after_lanes_[f + 1]);
    for (std::size_t f = 0; f < count; ++f) {
        send_back(leading[f], f + 1 == count ? received : times(received, after_lanes_[f]));
        if (f + 1 < count) received = times(received, leading_lanes_[f]);
    }
}

// What the first entry of each state's has come to.
void Engine::keep_belief(const Bucket& bucket, const Values& sums) {
    const int size = bucket.block / bucket.length;
    std::vector<double>& belief = beliefs_[bucket.variable];
    belief.resize(3 * static_cast<std::size_t>(size));
    for (int x = 0; x < size; ++x) {
        belief[x] = sums.high[x * bucket.length];
        belief[size + x] = sums.low[x * bucket.length];
        belief[2 * size + x] = sums.error[x * bucket.length];
    }
}

// Sum out what a factor lacks; what is left is its adjoint.
void Engine::send_back(const Factor& factor, const Lanes& product) {
    const int* const terms = schedule_->pool.data();
    Lanes sum = chosen(product, terms + factor.terms);
    for (int t = factor.terms + lanes; t < factor.terms_end; t += lanes) sum = plus(sum, chosen(product, terms + t));
    const Values adjoint = values_at(arena_, schedule_->shapes[factor.index].adjoint_slot, factor.entries);
    store(adjoint, sum);
    finish_adjoint(factor.index, lie_between(sum.high, factor.entries, near_one, 1.0 / near_one));
}

// `product` is overwritten.
void Engine::send_back(const Factor& factor, const Values& product) {
    const int* const terms = schedule_->pool.data();
    for (int f = factor.terms; f < factor.terms_end; f += 3) fold_values(product, terms[f], terms[f + 1], terms[f + 2]);
    copy_values(values_at(arena_, schedule_->shapes[factor.index].adjoint_slot, factor.entries), product, factor.entries);
    finish_adjoint(factor.index, false);
}

void Engine::finish_adjoint(int table, bool is_near_one) {
    if (is_near_one && schedule_->shapes[table].is_made_in_bucket) return;
    adjoints_[table] = allocated_adjoint(table);
    if (!is_near_one) rescale(adjoints_[table]);
}

}  // namespace LEGDX_ISA
}  // namespace legdx
