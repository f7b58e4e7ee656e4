#include "plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace legdx {
namespace LEGDX_ISA {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double cheap = 2e4;            // entries up to which one rule is enough
constexpr double costly = 5e5;           // entries from which chance is worth its time
constexpr double entries_of_a_try = 2e5; // what a further try may cost, in entries
constexpr int most_tries = 300;

inline int count_bits(std::uint64_t word) {
#if defined(__GNUC__)
    return __builtin_popcountll(word);
#else
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    return static_cast<int>((((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u) >> 56);
#endif
}

inline int lowest_bit(std::uint64_t word) { return count_bits((word & (~word + 1)) - 1); }

template <class Visit>
inline void each(const std::uint64_t* set, int words, Visit visit) {
    for (int w = 0; w < words; ++w)
        for (std::uint64_t rest = set[w]; rest != 0; rest &= rest - 1) visit(64 * w + lowest_bit(rest));
}

inline void put(std::uint64_t* set, int member) { set[member >> 6] |= std::uint64_t{1} << (member & 63); }
inline void drop(std::uint64_t* set, int member) { set[member >> 6] &= ~(std::uint64_t{1} << (member & 63)); }

}  // namespace

double Planner::log_entries(const std::uint64_t* set) const {
    double sum = 0.0;
    for (int w = 0; w < words_; ++w) {
        sum += count_bits(set[w] & binary_[w]);
        for (std::uint64_t rest = set[w] & ~binary_[w]; rest != 0; rest &= rest - 1)
            sum += bits_[64 * w + lowest_bit(rest)];
    }
    return sum;
}

double Planner::score(int variable, const Rule& rule, double& width) const {
    const std::uint64_t* own = &near_[static_cast<std::size_t>(variable) * words_];
    width = log_entries(own);
    if (rule.fill == 0.0) return width;
    int missing = 0;
    each(own, words_, [&](int other) {
        const std::uint64_t* theirs = &near_[static_cast<std::size_t>(other) * words_];
        for (int w = 0; w < words_; ++w) missing += count_bits(own[w] & ~theirs[w]);
    });
    return rule.width * width + rule.fill * 0.5 * missing;
}

// Uniform on [0, 1): xorshift64 (Marsaglia 2003).
double Planner::uniform() {
    chance_ ^= chance_ << 13;
    chance_ ^= chance_ >> 7;
    chance_ ^= chance_ << 17;
    return static_cast<double>(chance_ >> 11) * 0x1p-53;
}

// The first variable with the least score.
int Planner::least() const {
    const double* scores = score_.data();
    double found = infinity;
#pragma omp simd reduction(min : found)
    for (int v = 0; v < count_; ++v) found = scores[v] < found ? scores[v] : found;
    int v = 0;
    while (scores[v] != found) ++v;
    return v;
}

int Planner::least_by_chance(double chance) {
    int next = -1;
    double least = infinity;
    each(left_.data(), words_, [&](int v) {
        const double judged = score_[v] - chance * uniform();
        if (judged < least) least = judged, next = v;
    });
    return next;
}

bool Planner::eliminate(const Rule& rule, double most) {
    near_ = first_;
    plan_.order.clear();
    plan_.entries = plan_.largest = 0.0;
    left_.assign(words_, 0);
    for (int v = 0; v < count_; ++v) put(left_.data(), v);
    for (int v = 0; v < count_; ++v) score_[v] = score(v, rule, width_[v]);
    if (last_ >= 0) score_[last_] = infinity;
    for (int done = 0; done < count_; ++done) {
        const bool only_last = last_ >= 0 && done + 1 == count_;
        const int next = only_last ? last_ : rule.chance > 0.0 ? least_by_chance(rule.chance) : least();
        std::uint64_t* own = &near_[static_cast<std::size_t>(next) * words_];
        const double entries = std::exp2(width_[next]);
        plan_.order.push_back(next);
        plan_.entries += entries;
        plan_.largest = std::max(plan_.largest, entries);
        if (plan_.entries >= most) return false;
        drop(left_.data(), next);
        drop(own, next);
        touched_.assign(own, own + words_);
        each(own, words_, [&](int neighbour) {
            std::uint64_t* theirs = &near_[static_cast<std::size_t>(neighbour) * words_];
            for (int w = 0; w < words_; ++w) theirs[w] |= own[w];
            drop(theirs, next);
            if (rule.fill != 0.0)  // ties among a variable's neighbours count in its own score
                for (int w = 0; w < words_; ++w) touched_[w] |= theirs[w];
        });
        score_[next] = infinity;
        each(touched_.data(), words_, [&](int v) {
            if (v == next) return;
            score_[v] = score(v, rule, width_[v]);
            if (v == last_) score_[v] = infinity;
        });
    }
    return true;
}

// Eliminate variables whose neighbours are all neighbours of each other: whatever the rest of the order, it is never
// better to do so later, and what is left to order is a half or less.
void Planner::peel(int last) {
    peeled_.order.clear();
    peeled_.entries = peeled_.largest = 0.0;
    is_waiting_.assign(count_, 1);
    queue_.clear();
    for (int v = 0; v < count_; ++v) queue_.push_back(v);
    is_peeled_.assign(count_, 0);
    for (std::size_t at = 0; at < queue_.size(); ++at) {
        const int v = queue_[at];
        is_waiting_[v] = 0;
        if (v == last || is_peeled_[v]) continue;
        std::uint64_t* const own = &first_[static_cast<std::size_t>(v) * words_];
        bool is_clique = true;
        each(own, words_, [&](int other) {
            const std::uint64_t* const theirs = &first_[static_cast<std::size_t>(other) * words_];
            for (int w = 0; w < words_ && is_clique; ++w) is_clique = (own[w] & ~theirs[w]) == 0;
        });
        if (!is_clique) continue;
        const double entries = std::exp2(log_entries(own));
        peeled_.order.push_back(v);
        peeled_.entries += entries;
        peeled_.largest = std::max(peeled_.largest, entries);
        is_peeled_[v] = 1;
        drop(own, v);
        each(own, words_, [&](int other) {
            drop(&first_[static_cast<std::size_t>(other) * words_], v);
            if (!is_waiting_[other]) is_waiting_[other] = 1, queue_.push_back(other);
        });
    }
}

// Number the variables that are left anew, so that sets of them take fewer words.
void Planner::renumber(const Problem& problem) {
    kept_.clear();
    number_.assign(count_, -1);
    for (int v = 0; v < count_; ++v)
        if (!is_peeled_[v]) number_[v] = static_cast<int>(kept_.size()), kept_.push_back(v);
    const int words = words_;
    near_.swap(first_);
    count_ = static_cast<int>(kept_.size());
    words_ = (count_ + 63) / 64;
    first_.assign(static_cast<std::size_t>(count_) * words_, 0);
    binary_.assign(words_, 0);
    for (int k = 0; k < count_; ++k) {
        const int v = kept_[k];
        bits_[k] = std::log2(static_cast<double>(problem.sizes[v]));
        if (problem.sizes[v] == 2) put(binary_.data(), k);
        each(&near_[static_cast<std::size_t>(v) * words], words,
             [&](int other) { put(&first_[static_cast<std::size_t>(k) * words_], number_[other]); });
    }
    if (last_ >= 0) last_ = number_[last_];
}

// A plan of what was left, as one of all variables.
const Plan& Planner::whole(const Plan& plan) {
    whole_ = peeled_;
    for (int k : plan.order) whole_.order.push_back(kept_[k]);
    whole_.entries += plan.entries;
    whole_.largest = std::max(whole_.largest, plan.largest);
    return whole_;
}

const Plan& Planner::run(const Problem& problem, int last) {
    last_ = last;
    count_ = static_cast<int>(problem.sizes.size());
    words_ = (count_ + 63) / 64;
    bits_.resize(count_);
    score_.resize(count_);
    width_.resize(count_);
    binary_.assign(words_, 0);
    first_.assign(static_cast<std::size_t>(count_) * words_, 0);
    for (int v = 0; v < count_; ++v) {
        bits_[v] = problem.sizes[v] == 2 ? 1.0 : std::log2(static_cast<double>(problem.sizes[v]));
        if (problem.sizes[v] == 2) put(binary_.data(), v);
        put(&first_[static_cast<std::size_t>(v) * words_], v);
    }
    for (const Seed& seed : problem.seeds)
        for (int v : seed.axes)
            for (int other : seed.axes) put(&first_[static_cast<std::size_t>(v) * words_], other);
    peel(last);
    renumber(problem);
    search();
    return whole(best_);
}

// Rules, and where it pays rules with chance.
void Planner::search() {
    eliminate({1.0, 0.0, 0.0}, infinity);
    best_ = plan_;
    if (best_.entries <= cheap) return;
    for (const Rule& rule : {Rule{1.0, 0.15, 0.0}, Rule{1e-3, 1.0, 0.0}})
        if (eliminate(rule, best_.entries)) std::swap(best_, plan_);
    if (best_.entries <= costly) return;
    chance_ = 0x9e3779b97f4a7c15u;
    const int tries = static_cast<int>(std::min<double>(most_tries, best_.entries / entries_of_a_try));
    for (int k = 0; k < tries; ++k) {
        const double chance = 0.5 * (1 + k / 3 % 5);
        const Rule rules[] = {{1.0, 0.0, chance}, {1.0, 0.15, chance}, {1e-3, 1.0, 3.0 * chance}};
        if (eliminate(rules[k % 3], best_.entries)) std::swap(best_, plan_);
    }
}

const Plan& Planner::another(int number) {
    const double most = 30.0 * best_.entries;
    chance_ = 0x9e3779b97f4a7c15u + static_cast<std::uint64_t>(number);
    const Rule rules[] = {{1e-3, 1.0, 0.0}, {1.0, 0.3, 0.0}, {1.0, 0.15, 1.0}};
    return whole(eliminate(rules[(number - 1) % 3], most) ? plan_ : best_);
}

}  // namespace LEGDX_ISA
}  // namespace legdx
