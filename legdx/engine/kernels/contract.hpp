// Sums of products of tables, the one operation that inference is made of.
//
//     Z[z] = sum over the axes that Z lacks of X[x] Y[y]
//
// Axes are numbered by the order in which their variables are summed out and stand in ascending order, the last one
// fastest. Work goes through blocks of the trailing axes, eight entries at a time, whatever axes an operand has. The order
// of all additions is fixed by the shapes alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "lanes.hpp"
#include "pair.hpp"

namespace legdx {
namespace LEGDX_ISA {

constexpr int block_most = 128;
constexpr int axes_most = 64;
constexpr int small_axes = 8;  // of a block in one step
constexpr int together = 8;  // products added up before a sum goes back to memory

// A table of `entries` pairs, and for each a bound on how far it is off.
struct Table {
    const int* axes = nullptr;
    int count = 0;
    std::int64_t entries = 1;
    double* high = nullptr;  // with room for whole vectors
    double* low = nullptr;
    double* error = nullptr;
    bool is_lent = false;  // by the recycler, to be given back

    Values values() const { return {high, low, error}; }
};

constexpr double near_one = 0x1p-20;  // tables whose largest entry is between this and its inverse are left as they are

// Where the entries of a block lie in an operand, from its strides along the block's axes, the last axis first, which is the
// fastest. What fills the last vector is 0.
inline void fill_offsets(const int* sizes, const int* strides, int count, int block, int* at) {
    int step[3] = {}, filled = 1, k = 0;
    for (; k < 3 && k < count && sizes[k] == 2; ++k) step[k] = strides[k], filled *= 2;
#pragma omp simd
    for (int e = 0; e < lanes; ++e)
        at[e] = e < block ? (e & 1) * step[0] + (e >> 1 & 1) * step[1] + (e >> 2 & 1) * step[2] : 0;
    for (; k < count; ++k) {
        for (int s = 1; s < sizes[k]; ++s)
#pragma omp simd
            for (int e = 0; e < filled; ++e) at[s * filled + e] = at[e] + s * strides[k];
        filled *= sizes[k];
    }
    for (int e = block; e < padded_to_lanes(block); ++e) at[e] = 0;
}

struct Block {
    double high[block_most + lanes];
    double low[block_most + lanes];
    double error[block_most + lanes];
};

inline Values values_of(Block& block) { return {block.high, block.low, block.error}; }

// Where the entries of a block lie in an operand. Its trailing axes are among those of the block, so that eight entries
// lie close together: from a first one, and how far each is from that.
struct Layout {
    std::int64_t strides[axes_most];  // along all axes
    int extent = 1;                   // entries of the operand in a block
    bool is_whole = true;             // one after the other
    bool is_near = true;              // eight at a time are within eight
    int first[block_most / lanes + 1];
    int offsets[block_most + lanes];  // from the first of eight, or from the block's begin where they are not near

    Lanes read(const Values& from, int k) const {
        if (is_whole) return load(shifted(from, k));
        if (is_near) return near(shifted(from, first[k / lanes]), offsets + k);
        return {gathered(from.high, offsets + k), gathered(from.low, offsets + k), gathered(from.error, offsets + k)};
    }

    // Where the three last axes have two states each: within every eight it is the same.
    void repeat(const int* sizes, const int* axis_strides, int count) {
        int vectors = 1;
        first[0] = 0;
        for (int k = 3; k < count; ++k) {
            for (int s = 1; s < sizes[k]; ++s)
#pragma omp simd
                for (int v = 0; v < vectors; ++v) first[s * vectors + v] = first[v] + s * axis_strides[k];
            vectors *= sizes[k];
        }
        for (int v = 0; v < vectors; ++v)
#pragma omp simd
            for (int e = 0; e < lanes; ++e)
                offsets[v * lanes + e] = (e & 1) * axis_strides[0] + (e >> 1 & 1) * axis_strides[1] + (e >> 2 & 1) * axis_strides[2];
        is_near = true;
    }

    // From the place of each entry, in `offsets`.
    void bring_near(int block) {
        is_near = true;
        for (int k = 0; k < block; k += lanes) {
            const int* const at = offsets + k;
            const int count = std::min(lanes, block - k);
            int least = at[0], most = at[0];
#pragma omp simd reduction(min : least) reduction(max : most)
            for (int e = 0; e < count; ++e) {
                least = at[e] < least ? at[e] : least;
                most = at[e] > most ? at[e] : most;
            }
            first[k / lanes] = least;
            is_near &= most - least < lanes;
        }
        for (int k = 0; k < padded_to_lanes(block) && is_near; k += lanes)
#pragma omp simd
            for (int e = k; e < k + lanes; ++e) offsets[e] = e < block ? offsets[e] - first[k / lanes] : 0;
    }
};

inline void lay_out(const Table& table, const int* axes, const int* sizes, int count, int first_in_block, int block,
                    bool is_read, Layout& layout) {
    std::int64_t stride = 1;
    int own = table.count - 1;
    layout.extent = 1;
    layout.is_whole = true;
    for (int a = count - 1, expected = 1; a >= 0; --a) {
        const int size = sizes[axes[a]];
        const bool has = own >= 0 && table.axes[own] == axes[a];
        layout.strides[a] = has ? stride : 0;
        if (a >= first_in_block) {
            layout.is_whole &= layout.strides[a] == expected;
            layout.extent *= has ? size : 1;
            expected *= size;
        }
        stride *= has ? size : 1;
        own -= has;
    }
    layout.is_whole |= block == 1;
    if (layout.is_whole || !is_read) return;
    int within[axes_most], strides[axes_most];
    for (int a = count - 1, k = 0; a >= first_in_block; --a, ++k) {
        within[k] = sizes[axes[a]];
        strides[k] = static_cast<int>(layout.strides[a]);
    }
    const int trailing = count - first_in_block;
    if (trailing >= 3 && within[0] == 2 && within[1] == 2 && within[2] == 2) return layout.repeat(within, strides, trailing);
    fill_offsets(within, strides, trailing, block, layout.offsets);
    layout.bring_near(block);
}

// All axes of three tables, ascending; returns how many.
inline int merge_axes(const Table& x, const Table& y, const Table& z, int* axes) {
    int count = 0;
    for (int i = 0, j = 0, k = 0; i < x.count || j < y.count || k < z.count;) {
        int axis = i < x.count ? x.axes[i] : INT32_MAX;
        if (j < y.count) axis = std::min(axis, y.axes[j]);
        if (k < z.count) axis = std::min(axis, z.axes[k]);
        i += i < x.count && x.axes[i] == axis;
        j += j < y.count && y.axes[j] == axis;
        k += k < z.count && z.axes[k] == axis;
        axes[count++] = axis;
    }
    return count;
}

// sum + x y. `rounding` bounds what this multiplication, and all additions to the sum, may add, relative to the product.
inline Lanes plus_product(const Lanes& sum, const Lanes& x, const Lanes& y, Vector rounding) {
    const Vector product = x.high * y.high;
    const Vector rest = product_plus(x.low, y.high, product_plus(x.high, y.low, product_minus(x.high, y.high, product)));
    const Vector total = sum.high + product;
    const Vector part = total - sum.high;
    const Vector lost = (sum.high - (total - part)) + (product - part);
    const Vector low = lost + (sum.low + rest);
    const Vector high = total + low;
    const Vector carried = about_product_plus(y.error, magnitude(x.high), x.error * (magnitude(y.high) + y.error));
    const Vector error = sum.error + (carried + about_product_plus(rounding, magnitude(product), all(underflow)));
    return {high, low - (high - total), error};
}

// How two tables are multiplied and summed; it depends on their axes alone.
class Contraction {
public:
    // Z may have axes that neither operand has: it is the same all along them.
    Contraction(const Table& x, const Table& y, const Table& z, const int* sizes) : sizes_(sizes) {
        count_ = merge_axes(x, y, z, axes_);
        first_ = count_;
        while (first_ > 0 && block_ * sizes[axes_[first_ - 1]] <= block_most) block_ *= sizes[axes_[--first_]];
        lay_out(x, axes_, sizes, count_, first_, block_, true, x_);
        lay_out(y, axes_, sizes, count_, first_, block_, true, y_);
        lay_out(z, axes_, sizes, count_, first_, block_, false, z_);
        divide_axes();
        find_steps();
    }

    void run(const Table& x, const Table& y, const Table& z) const {
        const Vector rounding = all(unit * static_cast<double>(steps_.size() + 1));
        Block block;
        const Values sum = values_of(block);
        const bool is_direct = z_.extent == block_ && block_ % lanes == 0;
        int at_kept[axes_most] = {};
        std::int64_t ox = 0, oy = 0, oz = 0;
        for (;;) {
            const Values to = is_direct ? shifted(z.values(), oz) : sum;
            for (std::size_t from = 0; from < steps_.size(); from += together) {
                const std::size_t end = std::min(steps_.size(), from + together);
                for (int k = 0; k < block_; k += lanes) {
                    Lanes value = from > 0 ? load(shifted(to, k)) : Lanes{all(0.0), all(0.0), all(0.0)};
                    for (std::size_t s = from; s < end; ++s) {
                        const Values from_x = shifted(x.values(), ox + steps_[s].x), from_y = shifted(y.values(), oy + steps_[s].y);
                        value = plus_product(value, x_.read(from_x, k), y_.read(from_y, k), rounding);
                    }
                    store(shifted(to, k), value);
                }
            }
            if (!is_direct) {
                fold(sum);
                copy_values(shifted(z.values(), oz), sum, z_.extent);
            }
            int k = kept_count_ - 1;
            for (; k >= 0; --k) {
                const int a = kept_[k], size = sizes_[axes_[a]];
                ox += x_.strides[a];
                oy += y_.strides[a];
                oz += z_.strides[a];
                if (++at_kept[k] < size) break;
                ox -= x_.strides[a] * size;
                oy -= y_.strides[a] * size;
                oz -= z_.strides[a] * size;
                at_kept[k] = 0;
            }
            if (k < 0) break;
        }
    }

private:
    struct Step {
        std::int64_t x, y;
    };

    void divide_axes() {
        kept_count_ = summed_count_ = 0;
        for (int a = 0; a < first_; ++a) {
            if (z_.strides[a] != 0 || sizes_[axes_[a]] == 1) kept_[kept_count_++] = a;
            else summed_[summed_count_++] = a;
        }
    }

    // Where the cells that are added up lie, from the first of them.
    void find_steps() {
        steps_.assign(1, {0, 0});
        for (int k = summed_count_ - 1; k >= 0; --k) {
            const int a = summed_[k];
            const std::size_t filled = steps_.size();
            for (int s = 1; s < sizes_[axes_[a]]; ++s)
                for (std::size_t e = 0; e < filled; ++e)
                    steps_.push_back({steps_[e].x + s * x_.strides[a], steps_[e].y + s * y_.strides[a]});
        }
    }

    void fold(const Values& sum) const {
        int length = block_;
        for (int a = first_, outer = 1; a < count_; ++a) {
            const int size = sizes_[axes_[a]];
            if (z_.strides[a] != 0 || size == 1) {
                outer *= size;
            } else {
                fold_values(sum, outer, size, length / outer / size);
                length /= size;
            }
        }
    }

    const int* sizes_;
    int axes_[axes_most], count_ = 0, first_ = 0, block_ = 1;
    Layout x_, y_, z_;
    int kept_[axes_most], summed_[axes_most], kept_count_ = 0, summed_count_ = 0;
    std::vector<Step> steps_;
};

constexpr int lies_whole = -1;

}  // namespace LEGDX_ISA
}  // namespace legdx
