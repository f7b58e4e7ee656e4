// The steps that a row takes, written down on sets of variables before a table is made; so its cost is known beforehand.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "bucket.hpp"
#include "contract.hpp"
#include "plan.hpp"
#include "problem.hpp"
#include "run.hpp"

namespace legdx {
namespace LEGDX_ISA {

struct Schedule {
    enum class Kind { bucket, star, contract, sum };
    struct Step {
        Kind kind;
        int left = -1, right = -1;  // tables
        int result = -1;
        int variable = -1;          // hidden variable summed out with it, or that a star is around
        double union_entries = 0.0;
        int first_seed = 0, seeds = 0;  // of a star, in star_seeds
        int bucket = -1;                // in buckets
        std::unique_ptr<Contraction> forward, to_left, to_right, belief;  // kept with the schedule
    };
    struct Shape {
        int first = 0, count = 0;  // in axes
        double entries = 1.0;
        bool leads = false;        // to a wanted variable
        int seed = -1;             // the seed that it is, or -1
        bool is_read_in_place = false;   // by a small bucket
        bool is_made_in_bucket = false;
        int slot = -1, adjoint_slot = -1;  // in the arena; -1 where it is too large for that
    };

    std::vector<int> order;             // of elimination, hidden variables
    std::vector<int> sliced;            // hidden variables taken out of all tables
    std::vector<int> alone;             // hidden variables that no table ties to another
    std::vector<int> rank;              // of each hidden variable in `order`; -1 where it is sliced
    std::vector<int> sizes;             // of the variable of each rank
    std::vector<char> is_wanted;        // of each hidden variable
    std::vector<int> axes, star_seeds;
    std::vector<int> scalar_seeds;      // seeds over sliced variables alone
    std::vector<Shape> shapes;
    std::vector<Step> steps;
    std::vector<Bucket> buckets;
    std::vector<Factor> factors;
    std::vector<Group> groups;
    int arena = 0;                      // doubles that all small tables take together
    std::vector<int> pool;              // of the steps' small contractions
    Cost cost;
    bool is_affordable = false;
    bool is_kept = false;
    double least_bytes = 0.0, most_bytes = 0.0;  // it is the same for every limit from the first to under the second

    bool is_for(double limit) const { return limit >= least_bytes && (limit < most_bytes || std::isinf(most_bytes)); }
    bool fits(double bytes, double limit) {
        if (bytes <= limit) least_bytes = std::max(least_bytes, bytes);
        else most_bytes = std::min(most_bytes, bytes);
        return bytes <= limit;
    }
};

// Schedules of problems, of whatever network. One that was made for a problem of the same structure is used again: the rows of
// one person without one answer each, or of people with the same complaints, differ by numbers only. It is kept the second
// time, as most rows of a survey have a structure of their own, and memory that is written once is slow.
class Schedules {
public:
    // Lay out the steps along the best order, or along another where rounding did harm (`another` from 1).
    Schedule& best(const Task& task, const Problem& problem);
    Schedule& along_another(int another);

private:
    static constexpr std::size_t slots = 64, ways = 4, hashes = 256;
    struct Slot {
        std::vector<std::int32_t> structure;
        std::uint64_t hash = 0, used = 0;
        Schedule schedule;
    };

    void read_structure();
    Schedule& judged(Schedule& schedule) const;
    int only_wanted() const;
    void fill(const std::vector<int>& order, Schedule& schedule);
    void lay_out();
    bool add_bucket(int rank, std::vector<int>& members, std::vector<int>& star);
    bool add_small_bucket(int rank, const std::vector<int>& members, const std::vector<int>& star);
    void group_factors(Bucket& bucket);
    const int* axes_of(const Factor& factor, int* room, int& count) const;
    bool send(int product, int variable);
    void place_small_tables(Schedule& schedule);
    int add_table(const int* axes, int count);
    int combined(int left, int right, int without);
    double entries_of(const Schedule::Step& step) const;
    int other_axis(int seed, int variable) const;

    std::uint64_t clock_ = 0;
    const Task* task_ = nullptr;
    const Problem* problem_ = nullptr;
    Schedule* made_ = nullptr;  // under way
    Planner planner_;
    bool is_planned_ = false;  // whether the planner knows the problem
    std::vector<Slot> kept_{slots};
    std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>(hashes);  // of structures met before
    Schedule first_, other_;  // of a structure that was not, and along another order
    std::vector<std::int32_t> structure_;  // of the problem: all that the steps depend on
    std::vector<char> is_flat_;            // of each hidden variable: its own vector says nothing
    std::vector<std::vector<int>> members_, stars_;  // tables and two-variable seeds of each bucket
    std::vector<Factor> grouped_;                    // of the bucket under way
    std::vector<int> widest_, candidates_;           // axes of the largest table
};

}  // namespace LEGDX_ISA
}  // namespace legdx
