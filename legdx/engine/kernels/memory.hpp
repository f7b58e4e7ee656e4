// Memory of one row's tables: taken from the front, given back as a whole. Pieces never move.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace legdx {

class Memory {
public:
    ~Memory() { keep(0); }
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    double* take(std::size_t count) {
        count = (count + 7) & ~std::size_t{7};
        while (piece_ < pieces_.size() && used_ + count > pieces_[piece_].size) {
            ++piece_;
            used_ = 0;
        }
        if (piece_ == pieces_.size()) {
            const std::size_t last = pieces_.empty() ? smallest / 2 : pieces_.back().size;
            add(std::max(count, std::min(2 * last, largest)));
            used_ = 0;
        }
        double* found = pieces_[piece_].values + used_;
        used_ += count;
        return found;
    }

    // Counts of doubles kept between rows, 128 MB, and between calls, 2 MB.
    static constexpr std::size_t most_kept = std::size_t{1} << 24, most_at_rest = std::size_t{1} << 18;

    struct Mark {
        std::size_t piece, used;
    };
    Mark mark() const { return {piece_, used_}; }
    void back_to(Mark mark) {
        piece_ = mark.piece;
        used_ = mark.used;
    }

    // Forget everything; give back what only the widest rows need.
    void clear(std::size_t most = most_kept) {
        std::size_t sum = 0, kept = 0;
        while (kept < pieces_.size() && sum + pieces_[kept].size <= most) sum += pieces_[kept++].size;
        keep(kept);
        piece_ = 0;
        used_ = 0;
    }

private:
    // Counts of doubles: pieces of 2 MB to 64 MB.
    static constexpr std::size_t smallest = std::size_t{1} << 18, largest = std::size_t{1} << 23;
    static constexpr std::size_t most_read_past = 8;
    static constexpr std::size_t alignment = std::size_t{1} << 21;
    struct Piece {
        double* values;
        std::size_t size;
    };

    void add(std::size_t size) {
        // Vectors may be read past the end of a table.
        void* values = ::operator new((size + most_read_past) * sizeof(double), std::align_val_t{alignment});
#if defined(__linux__)
        madvise(values, size * sizeof(double), MADV_HUGEPAGE);  // a wish: fewer page faults
#endif
        pieces_.push_back({static_cast<double*>(values), size});
    }

    void keep(std::size_t count) {
        while (pieces_.size() > count) {
            ::operator delete(pieces_.back().values, std::align_val_t{alignment});
            pieces_.pop_back();
        }
    }

    std::vector<Piece> pieces_;
    std::size_t piece_ = 0, used_ = 0;
};

// Tables that come and go: what is given back is handed out again, by powers of two, still in the processor's cache.
class Recycler {
public:
    explicit Recycler(Memory& memory) : memory_(memory) {}

    double* take(std::size_t count) {
        std::vector<double*>& free = free_[size_class(count)];
        if (free.empty()) return memory_.take(std::size_t{1} << size_class(count));
        double* found = free.back();
        free.pop_back();
        return found;
    }
    void give_back(double* values, std::size_t count) { free_[size_class(count)].push_back(values); }
    void clear() {
        for (std::vector<double*>& free : free_) free.clear();
    }

private:
    static int size_class(std::size_t count) {
        int found = 3;
        while ((std::size_t{1} << found) < count) ++found;
        return found;
    }

    Memory& memory_;
    std::vector<double*> free_[64];
};

}  // namespace legdx
