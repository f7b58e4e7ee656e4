// Sums of products of tables, the one operation that inference is made of.
//
//     Z[z] = sum over the axes that Z lacks of X[x] Y[y]
//
// Axes are numbered by the order in which their variables are summed out and stand in ascending order, the last one
// fastest. Work goes through blocks of the trailing axes: each operand is laid out over a block first, so that the inner
// loops run over whole blocks whatever axes an operand has. The order of all additions is fixed by the shapes alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "pair.hpp"

namespace legdx {
namespace LEGDX_ISA {

constexpr int block_most = 128;
constexpr int axes_most = 64;
constexpr std::int64_t spread_most = 1 << 14;
constexpr double underflow = 1e-290;  // what one operation may lose at the end of the range of doubles
constexpr double unit = 0x1p-103;  // 8 u^2: what one operation on pairs may be off, relatively

// A table of `entries` pairs, and for each a bound on how far it is off.
struct Table {
    const int* axes = nullptr;
    int count = 0;
    std::int64_t entries = 1;
    double* high = nullptr;
    double* low = nullptr;
    double* error = nullptr;
};

struct Block {
    double high[block_most];
    double low[block_most];
    double error[block_most];
};

// Where the entries of a block lie in an operand.
struct Layout {
    std::int64_t strides[axes_most];
    int offsets[block_most];
    bool is_whole;   // one after the other
    bool is_single;  // all the same entry
};

inline void gather(const Layout& layout, const double* __restrict from, double* __restrict to, int block) {
    if (layout.is_single) {
        std::fill(to, to + block, *from);
        return;
    }
    for (int k = 0; k < block; ++k) to[k] = from[layout.offsets[k]];
}

class Operand {
public:
    Operand(const Table& table, const Layout& layout, int block) : table_(table), layout_(layout), block_(block) {}

    // Point at the block that begins at an entry. Laid-out copies are kept in a few slots: one for each state of a
    // variable that is being summed out, so that going round its states copies nothing again.
    void move_to(std::int64_t at, std::int64_t step) {
        if (layout_.is_whole) {
            high = table_.high + at;
            low = table_.low + at;
            error = table_.error + at;
            return;
        }
        Slot& slot = slots_[step & (slots - 1)];
        high = slot.block.high;
        low = slot.block.low;
        error = slot.block.error;
        if (at == slot.at) return;
        slot.at = at;
        gather(layout_, table_.high + at, slot.block.high, block_);
        gather(layout_, table_.low + at, slot.block.low, block_);
        gather(layout_, table_.error + at, slot.block.error, block_);
    }

    const double* high = nullptr;
    const double* low = nullptr;
    const double* error = nullptr;

private:
    static constexpr int slots = 2;
    struct Slot {
        std::int64_t at = -1;
        Block block;
    };

    const Table& table_;
    const Layout& layout_;
    int block_;
    Slot slots_[slots];
};

// The loops over a block write out pair.hpp's `times` and `plus`, in doubles alone, which compilers turn into vectors.
// `rounding` bounds what the multiplication, and the additions that follow it, may add, relative to the product.
template <class Values>
inline void set_product(Block& sum, const Values& x, const Values& y, int block, double rounding) {
    const double *__restrict xh = x.high, *__restrict xl = x.low, *__restrict xe = x.error;
    const double *__restrict yh = y.high, *__restrict yl = y.low, *__restrict ye = y.error;
    double *__restrict sh = sum.high, *__restrict sl = sum.low, *__restrict se = sum.error;
#pragma omp simd
    for (int k = 0; k < block; ++k) {
        const double product = xh[k] * yh[k];
        const double rest = std::fma(xl[k], yh[k], std::fma(xh[k], yl[k], std::fma(xh[k], yh[k], -product)));
        const double high = product + rest;
        sh[k] = high;
        sl[k] = rest - (high - product);
        const double carried = xe[k] * (std::fabs(yh[k]) + ye[k]) + ye[k] * std::fabs(xh[k]);
        se[k] = carried + rounding * std::fabs(product) + underflow;
    }
}

inline void add_product(Block& sum, const Operand& x, const Operand& y, int block, double rounding) {
    const double *__restrict xh = x.high, *__restrict xl = x.low, *__restrict xe = x.error;
    const double *__restrict yh = y.high, *__restrict yl = y.low, *__restrict ye = y.error;
    double *__restrict sh = sum.high, *__restrict sl = sum.low, *__restrict se = sum.error;
#pragma omp simd
    for (int k = 0; k < block; ++k) {
        const double product = xh[k] * yh[k];
        const double rest = std::fma(xl[k], yh[k], std::fma(xh[k], yl[k], std::fma(xh[k], yh[k], -product)));
        const double total = sh[k] + product;
        const double part = total - sh[k];
        const double lost = (sh[k] - (total - part)) + (product - part);
        const double low = lost + (sl[k] + rest);
        const double high = total + low;
        sh[k] = high;
        sl[k] = low - (high - total);
        const double carried = xe[k] * (std::fabs(yh[k]) + ye[k]) + ye[k] * std::fabs(xh[k]);
        se[k] += carried + rounding * std::fabs(product) + underflow;
    }
}

// Sum out one axis of a block laid out as (outer, size, inner), in place.
inline void fold(Block& sum, int outer, int size, int inner) {
    for (int o = 0; o < outer; ++o) {
        const int from = o * size * inner, to = o * inner;
        for (int k = 0; k < inner; ++k) {
            Pair total{sum.high[from + k], sum.low[from + k]};
            double error = sum.error[from + k];
            for (int s = 1; s < size; ++s) {
                const int at = from + s * inner + k;
                total = plus(total, {sum.high[at], sum.low[at]});
                error += sum.error[at];
            }
            sum.high[to + k] = total.high;
            sum.low[to + k] = total.low;
            sum.error[to + k] = error;
        }
    }
}

inline void lay_out(const Table& table, const int* axes, const int* sizes, int count, int first_in_block, int block,
                    Layout& layout) {
    std::int64_t stride = 1;
    int own = table.count - 1;
    for (int a = count - 1; a >= 0; --a) {
        const bool has = own >= 0 && table.axes[own] == axes[a];
        layout.strides[a] = has ? stride : 0;
        if (has) stride *= sizes[axes[a]], --own;
    }
    layout.is_whole = layout.is_single = true;
    for (int a = count - 1, expected = 1; a >= first_in_block; --a) {
        layout.is_whole &= layout.strides[a] == expected;
        layout.is_single &= layout.strides[a] == 0;
        expected *= sizes[axes[a]];
    }
    layout.is_whole |= block == 1;
    if (layout.is_whole || layout.is_single) return;
    layout.offsets[0] = 0;
    for (int a = count - 1, filled = 1; a >= first_in_block; --a) {
        const int size = sizes[axes[a]], stride = static_cast<int>(layout.strides[a]);
        for (int s = 1; s < size; ++s)
            for (int k = 0; k < filled; ++k) layout.offsets[s * filled + k] = layout.offsets[k] + s * stride;
        filled *= size;
    }
}

// Lay a small operand out over all axes of a block beforehand, so that its blocks are read and not gathered.
inline Table spread(const Table& table, Layout& layout, int first, int block, std::int64_t cells, const int* axes,
             const int* sizes, Memory& scratch) {
    Table wide;
    wide.entries = cells * block;
    wide.high = scratch.take(static_cast<std::size_t>(wide.entries));
    wide.low = scratch.take(static_cast<std::size_t>(wide.entries));
    wide.error = scratch.take(static_cast<std::size_t>(wide.entries));
    const std::int64_t stride_of_cells = table.entries / cells;
    for (std::int64_t cell = 0; cell < cells; ++cell) {
        const std::int64_t from = cell * stride_of_cells, to = cell * block;
        gather(layout, table.high + from, wide.high + to, block);
        gather(layout, table.low + from, wide.low + to, block);
        gather(layout, table.error + from, wide.error + to, block);
    }
    std::int64_t stride = block;
    for (int a = first - 1; a >= 0; --a) {
        if (layout.strides[a] == 0) continue;
        layout.strides[a] = stride;
        stride *= sizes[axes[a]];
    }
    layout.is_whole = true;
    return wide;
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

// Multiply two tables and sum. Z may have axes that neither operand has: it is the same all along them.
inline void contract(const Table& given_x, const Table& given_y, const Table& z, const int* sizes, Memory& scratch) {
    Table x = given_x, y = given_y;
    int axes[axes_most];
    const int count = merge_axes(x, y, z, axes);
    int first = count, block = 1;
    while (first > 0 && block * sizes[axes[first - 1]] <= block_most) block *= sizes[axes[--first]];
    if (first == count && count > 0) block = 1;  // a variable of more states than a block has room for
    Layout in_x, in_y, in_z;
    lay_out(x, axes, sizes, count, first, block, in_x);
    lay_out(y, axes, sizes, count, first, block, in_y);
    lay_out(z, axes, sizes, count, first, block, in_z);

    int kept[axes_most], summed[axes_most], kept_count = 0, summed_count = 0;
    std::int64_t summed_cells = 1;
    for (int a = 0; a < first; ++a) {
        if (in_z.strides[a] != 0 || sizes[axes[a]] == 1) kept[kept_count++] = a;
        else summed[summed_count++] = a, summed_cells *= sizes[axes[a]];
    }
    const Memory::Mark before = scratch.mark();
    auto prepare = [&](Table& table, Layout& layout) {
        std::int64_t cells = 1;
        for (int a = 0; a < first; ++a)
            if (layout.strides[a] != 0) cells *= sizes[axes[a]];
        if (!layout.is_whole && cells * block <= spread_most)
            table = spread(table, layout, first, block, cells, axes, sizes, scratch);
    };
    prepare(x, in_x);
    prepare(y, in_y);
    Operand left(x, in_x, block), right(y, in_y, block);
    Block sum;
    const double rounding = unit * static_cast<double>(summed_cells + block + 1);
    int at_kept[axes_most] = {}, at_summed[axes_most] = {};
    std::int64_t ox = 0, oy = 0, oz = 0;
    for (;;) {
        left.move_to(ox, 0);
        right.move_to(oy, 0);
        set_product(sum, left, right, block, rounding);
        for (std::int64_t step = 1; step < summed_cells; ++step) {
            for (int k = summed_count - 1; k >= 0; --k) {
                const int a = summed[k];
                ox += in_x.strides[a];
                oy += in_y.strides[a];
                if (++at_summed[k] < sizes[axes[a]]) break;
                ox -= in_x.strides[a] * sizes[axes[a]];
                oy -= in_y.strides[a] * sizes[axes[a]];
                at_summed[k] = 0;
            }
            left.move_to(ox, step);
            right.move_to(oy, step);
            add_product(sum, left, right, block, rounding);
        }
        for (int k = 0; k < summed_count; ++k) {
            ox -= in_x.strides[summed[k]] * at_summed[k];
            oy -= in_y.strides[summed[k]] * at_summed[k];
            at_summed[k] = 0;
        }
        int length = block;
        for (int a = first, outer = 1; a < count; ++a) {
            const int size = sizes[axes[a]];
            if (in_z.strides[a] != 0 || size == 1) {
                outer *= size;
            } else {
                fold(sum, outer, size, length / outer / size);
                length /= size;
            }
        }
        for (int k = 0; k < length; ++k) z.high[oz + k] = sum.high[k];
        for (int k = 0; k < length; ++k) z.low[oz + k] = sum.low[k];
        for (int k = 0; k < length; ++k) z.error[oz + k] = sum.error[k];
        int k = kept_count - 1;
        for (; k >= 0; --k) {
            const int a = kept[k];
            ox += in_x.strides[a];
            oy += in_y.strides[a];
            oz += in_z.strides[a];
            if (++at_kept[k] < sizes[axes[a]]) break;
            ox -= in_x.strides[a] * sizes[axes[a]];
            oy -= in_y.strides[a] * sizes[axes[a]];
            oz -= in_z.strides[a] * sizes[axes[a]];
            at_kept[k] = 0;
        }
        if (k < 0) break;
    }
    scratch.back_to(before);
}

// How to multiply tables whose axes together fit into one block; found once for a step, as finding it takes longer than
// the arithmetic.
struct SmallContraction {
    static constexpr int not_looked_at = -1, too_large = 0;
    int block = not_looked_at;
    int x_offsets = 0, y_offsets = 0;  // where they begin in the pool, or how an operand lies
    int folds = 0, folds_end = 0;      // in the pool: outer, size, inner of each axis that is summed out
    int length = 0;                    // of the result
};

constexpr int lies_whole = -1, lies_single = -2;

inline SmallContraction small_contraction(const Table& x, const Table& y, const Table& z, const int* sizes,
                                          std::vector<int>& pool) {
    SmallContraction made;
    int axes[axes_most];
    const int count = merge_axes(x, y, z, axes);
    int block = 1;
    made.block = SmallContraction::too_large;
    for (int a = 0; a < count; ++a) {
        block *= sizes[axes[a]];
        if (block > block_most) return made;
    }
    Layout in_x, in_y, in_z;
    lay_out(x, axes, sizes, count, 0, block, in_x);
    lay_out(y, axes, sizes, count, 0, block, in_y);
    lay_out(z, axes, sizes, count, 0, block, in_z);
    auto keep = [&](const Layout& layout) {
        if (layout.is_whole) return lies_whole;
        if (layout.is_single) return lies_single;
        pool.insert(pool.end(), layout.offsets, layout.offsets + block);
        return static_cast<int>(pool.size()) - block;
    };
    made.x_offsets = keep(in_x);
    made.y_offsets = keep(in_y);
    made.folds = static_cast<int>(pool.size());
    int length = block;
    for (int a = 0, outer = 1; a < count; ++a) {
        const int size = sizes[axes[a]];
        if (in_z.strides[a] != 0 || size == 1) {
            outer *= size;
        } else {
            pool.insert(pool.end(), {outer, size, length / outer / size});
            length /= size;
        }
    }
    made.folds_end = static_cast<int>(pool.size());
    made.length = length;
    made.block = block;
    return made;
}

// The table, or its entries laid out over the block.
inline Table laid_out(const Table& table, int offsets, const std::vector<int>& pool, int block, Block& copy) {
    if (offsets == lies_whole) return table;
    Table found;
    found.high = copy.high, found.low = copy.low, found.error = copy.error;
    const double* from[] = {table.high, table.low, table.error};
    double* to[] = {copy.high, copy.low, copy.error};
    for (int part = 0; part < 3; ++part) {
        if (offsets == lies_single) {
            std::fill(to[part], to[part] + block, *from[part]);
        } else {
            const int* at = pool.data() + offsets;
            for (int k = 0; k < block; ++k) to[part][k] = from[part][at[k]];
        }
    }
    return found;
}

// What `contract` does, to the bit.
inline void contract(const Table& x, const Table& y, const Table& z, const SmallContraction& how,
                     const std::vector<int>& pool) {
    Block sum, copy_x, copy_y;
    const Table left = laid_out(x, how.x_offsets, pool, how.block, copy_x);
    const Table right = laid_out(y, how.y_offsets, pool, how.block, copy_y);
    set_product(sum, left, right, how.block, unit * static_cast<double>(1 + how.block + 1));
    for (int f = how.folds; f < how.folds_end; f += 3) fold(sum, pool[f], pool[f + 1], pool[f + 2]);
    std::copy(sum.high, sum.high + how.length, z.high);
    std::copy(sum.low, sum.low + how.length, z.low);
    std::copy(sum.error, sum.error + how.length, z.error);
}

}  // namespace LEGDX_ISA
}  // namespace legdx
