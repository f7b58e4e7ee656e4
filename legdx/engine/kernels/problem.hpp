// What a row is reduced to: hidden variables and small tables over them, to be multiplied and summed.
//
// In this form noisy-MAX variables are held by *switches*. The distribution of a level is a difference of products,
// P(Y = y | x) = F(y) - F(y - 1) with F(s) = leak(s) prod_j C_j[x_j, s] (cumulative; Diez & Galan 2003), so a switch s
// ties each parent to itself alone, and a small table of +1 and -1 over s turns F into the answer. Only those tables
// are signed. Subtracting loses digits; run.hpp bounds how many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "evidence.hpp"
#include "lanes.hpp"
#include "memory.hpp"
#include "network.hpp"
#include "pair.hpp"

namespace legdx {
namespace LEGDX_ISA {

// A few hidden variables, ascending; without memory of its own, as a row makes thousands of these.
class Axes {
public:
    static constexpr int most = 24;  // a table over more would have millions of entries

    int size() const { return size_; }
    int operator[](int k) const { return values_[k]; }
    const int* begin() const { return values_; }
    const int* end() const { return values_ + size_; }
    bool operator==(const Axes& other) const {
        return size_ == other.size_ && std::equal(begin(), end(), other.begin());
    }
    int place_of(int axis) const { return static_cast<int>(std::lower_bound(begin(), end(), axis) - begin()); }
    bool has(int axis) const { return std::binary_search(begin(), end(), axis); }
    // Put an axis in its place and return that; one that is there stays.
    int insert(int axis) {
        const int place = place_of(axis);
        if (place < size_ && values_[place] == axis) return place;
        if (size_ == most) throw std::length_error("axes");
        std::copy_backward(values_ + place, values_ + size_, values_ + size_ + 1);
        values_[place] = axis;
        ++size_;
        return place;
    }

private:
    int size_ = 0;
    int values_[most];
};

struct Seed {
    Axes axes;
    double* high = nullptr;  // with room for whole vectors
    double* low = nullptr;
    bool is_lent = false;    // by a recollection, not to be changed
    int entries = 0;
    int depth = 0;  // how many operations each entry went through
};

struct Problem {
    std::vector<int> sizes;               // of the hidden variables
    std::vector<int> place;               // network variable -> hidden variable, or -1
    std::vector<Seed> seeds;              // tables over two variables and more
    std::vector<Pair> own;                // a vector for each hidden variable, one after the other
    std::vector<int> own_at;              // where each begins
    Pair constant{1.0, 0.0};
    long constant_exponent = 0;           // of two, divided out of `constant` and `own`
    std::vector<char> is_switch;          // of each hidden variable
    std::vector<char> must_stay;          // switches of variables that are hidden themselves: not to be sliced
    std::vector<int> depths;              // how many operations each vector went through
    int constant_depth = 0;
    bool is_zero = false;
    bool is_lost = false;                 // some product left the range of doubles

    Pair* vector_of(int hidden) { return own.data() + own_at[hidden]; }
    const Pair* vector_of(int hidden) const { return own.data() + own_at[hidden]; }
};

// The factors that a variable gave, when its parents and itself were answered, hidden or left out as they are again.
struct Recollection {
    struct Piece {
        int first_axis, axes;  // in `axes`; none for a new hidden variable, a switch
        int depth;
        int first, entries;    // in `values`: all high parts, then all low; of a switch: its states, and whether it must stay
    };
    std::vector<std::uint64_t> around;  // what decides the factors, eight to a word
    std::vector<Piece> pieces;
    std::vector<int> axes;             // network variables; -1 - k for the k-th switch
    std::vector<double> values;
};

// Reduce a row; leave out whatever is neither observed, nor asked for, nor above such a variable.
class Reduction {
public:
    explicit Reduction(Memory& memory) : memory_(memory) {}
    // Where `with_evidence` is false, so is what is coupled with nothing asked for: it has no say in a posterior.
    void run(const Network& network, const Answers& answers, const double* numbers, Wanted wanted, bool with_evidence,
             Problem& problem);

private:
    struct Contribution {  // a distribution over levels for each state of some hidden variables
        std::size_t at;
        Axes axes;
        std::size_t strides[Axes::most];  // of its numbers along them
    };
    struct Terms;  // one noisy-MAX under way

    void find_relevant(Wanted wanted);
    void find_needed();
    void couple(int variable);
    int group_of(int variable);
    bool is_hidden(int variable) const;
    bool is_needed(int parent, const std::vector<int>& context) const;
    bool splits(int variable) const;
    bool is_gate_shut(int variable) const;
    bool is_gate_open(int gate) const;
    int add_hidden(int size);
    void multiply_constant(Pair factor);
    void check_range(Pair product, Pair factor);
    void multiply_own(int hidden, int state, Pair factor);
    void multiply(const Axes& axes, int depth = 0);
    int add_switch(int size, bool must_stay);
    void see_all();
    bool recall(int variable);
    void finish_keeping();
    bool can_recall(int variable) const;
    void replay(Recollection& known);
    Seed* seed_over(const Axes& axes);
    void add_seed(const Seed& seed);
    void keep_piece(const Axes& axes, int depth);
    void settle(std::size_t at, const std::vector<int>& parents, int last_parent, int levels, Contribution& one) const;
    bool is_lowest(std::size_t at, int levels) const;
    template <class Visit>
    void each_cell(const Axes& axes, Visit visit) const;

    void add_table(int variable);
    void add_noisy_max(int variable);
    void add_absent(int variable);
    void add_lowest(const std::vector<int>& context, int parent, std::size_t at, std::size_t row, int levels);
    bool add_directly(const Terms& terms);
    static void raise(const double* row, std::size_t levels, bool is_first, Pair* level);
    void add_as_gate(const Terms& terms);
    void add_through_switch(int variable, const Terms& terms);
    void add_contribution(const Contribution& one, int levels, const std::vector<int>& kept, int at_switch);
    void add_inhibitors(int variable, bool always, int at_switch);

    Memory& memory_;
    const Network* network_ = nullptr;
    const Answers* answers_ = nullptr;
    const double* numbers_ = nullptr;
    Problem* problem_ = nullptr;
    std::vector<Contribution> contributions_;  // of the noisy-MAX under way
    std::vector<Pair> values_;                 // of the table under way
    static constexpr int places = 16;           // for recollections of each variable
    std::uint64_t serial_ = 0;                 // of the network that they are of
    std::vector<Recollection> known_;
    std::vector<std::uint8_t> seen_;           // how each variable is answered
    std::vector<std::uint64_t> around_;        // the same of the one under way and its parents
    std::size_t values_known_ = 0;
    Recollection* kept_in_ = nullptr;          // what is being kept now
    std::vector<int> variable_of_, switches_;  // of each hidden variable; the switches that the one under way has added
    std::vector<Pair> levels_;
    std::vector<std::size_t> starts_, steps_;
    std::vector<char> relevant_, wanted_, used_;
    bool with_evidence_ = true;
    std::vector<char> needed_;  // of each hidden variable: coupled with what is asked for
    std::vector<int> group_;    // union-find
    std::vector<int> member_;   // of each variable whose factor does not split: a hidden variable in it, or -1
    std::vector<int> queue_;
    std::vector<int> buckets_, next_;  // seeds by a hash of their axes
    int* bucket_ = nullptr;            // that `seed_over` looked in
};

// Where a product nears the end of the range of doubles its digits are lost: what is computed from it is not certain.
inline void Reduction::check_range(Pair product, Pair factor) {
    if (std::fabs(product.high) < 1e-250 && !is_zero(factor)) problem_->is_lost = true;
}

inline void Reduction::multiply_own(int hidden, int state, Pair factor) {
    Pair* values = problem_->vector_of(hidden);
    if (is_zero(values[state])) return;
    values[state] = times(values[state], factor);
    check_range(values[state], factor);
    if (std::fabs(values[state].high) >= 1e-60) return;
    const int size = problem_->sizes[hidden];
    double top = 0.0;
    for (int k = 0; k < size; ++k) top = std::max(top, std::fabs(values[k].high));
    if (top == 0.0) return;
    if (top >= 1e-60) return;
    for (int k = 0; k < size; ++k) values[k] = {std::ldexp(values[k].high, 200), std::ldexp(values[k].low, 200)};
    problem_->constant_exponent -= 200;
}

// Call visit(states) for every combination of states of the variables, the last fastest.
template <class Visit>
void Reduction::each_cell(const Axes& axes, Visit visit) const {
    int states[Axes::most] = {};
    for (;;) {
        visit(states);
        int k = axes.size();
        while (k > 0 && ++states[k - 1] == problem_->sizes[axes[k - 1]]) states[--k] = 0;
        if (k == 0) return;
    }
}

}  // namespace LEGDX_ISA
}  // namespace legdx
