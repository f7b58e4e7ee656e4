// The order in which hidden variables are summed out, chosen on sets of variables before any number is touched.
#pragma once

#include <cstdint>
#include <vector>

#include "problem.hpp"

namespace legdx {
namespace LEGDX_ISA {

struct Plan {
    std::vector<int> order;
    double entries = 0.0;  // of the tables over each variable and its neighbours when its turn comes
    double largest = 0.0;
};

// Greedy elimination: the next variable is the one whose table is smallest (minimum weight), or the one that ties the
// fewest neighbours anew (minimum fill), or a mix (Kjaerulff 1990; Koller & Friedman 2009, section 9.4.3). One rule is
// enough for a cheap row. A costly one is planned again by the other rules, and a very costly one many times
// with chance in the choice, as its cost warrants; the cheapest order wins. Chance starts from a fixed seed: the same
// row always has the same plan.
class Planner {
public:
    // `last` is summed out last, as its own table is asked for; -1 for none.
    const Plan& run(const Problem& problem, int last);
    // Another order, for when rounding did harm along the first; of the problem that `run` was called with.
    const Plan& another(int number);

private:
    struct Rule {
        double width, fill, chance;
    };
    void peel(int last);
    void renumber(const Problem& problem);
    void search();
    const Plan& whole(const Plan& plan);
    bool eliminate(const Rule& rule, double most);
    double log_entries(const std::uint64_t* set) const;
    double score(int variable, const Rule& rule, double& width) const;
    double uniform();
    int least() const;
    int least_by_chance(double chance);

    int count_ = 0, words_ = 0, last_ = -1;
    std::vector<double> bits_;              // log2 of each variable's size
    std::vector<std::uint64_t> binary_;     // the set of variables with two states
    std::vector<std::uint64_t> first_, near_;  // each variable's neighbours and itself
    std::vector<std::uint64_t> left_, touched_;
    std::vector<double> score_, width_;
    std::uint64_t chance_ = 0;
    Plan plan_, best_;                         // of the variables that are left
    Plan peeled_, whole_;
    std::vector<int> kept_, number_, queue_;   // variables that are left, the number of each, and whose turn it is
    std::vector<char> is_peeled_, is_waiting_;
};

}  // namespace LEGDX_ISA
}  // namespace legdx
