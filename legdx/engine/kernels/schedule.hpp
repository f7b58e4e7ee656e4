// The steps that a row takes, written down on sets of variables before a table is made; so its cost is known beforehand.
#pragma once

#include <cstdint>
#include <vector>

#include "contract.hpp"
#include "plan.hpp"
#include "problem.hpp"
#include "run.hpp"

namespace legdx {
namespace LEGDX_ISA {

struct Schedule {
    enum class Kind { star, contract, sum };
    struct Step {
        Kind kind;
        int left = -1, right = -1;  // tables
        int result = -1;
        int variable = -1;          // hidden variable summed out with it, or that a star is around
        double union_entries = 0.0;
        int first_seed = 0, seeds = 0;  // of a star, in star_seeds
        SmallContraction forward, to_left, to_right, belief;
    };
    struct Shape {
        int first = 0, count = 0;  // in axes
        double entries = 1.0;
        bool leads = false;        // to a wanted variable
        int seed = -1;             // the seed that it is, or -1
    };

    std::vector<int> order;             // of elimination, hidden variables
    std::vector<int> sliced;            // hidden variables taken out of all tables
    std::vector<int> rank;              // of each hidden variable in `order`; -1 where it is sliced
    std::vector<int> sizes;             // of the variable of each rank
    std::vector<char> is_wanted;        // of each hidden variable
    std::vector<int> axes, star_seeds;
    std::vector<int> scalar_seeds;      // seeds over sliced variables alone
    std::vector<Shape> shapes;
    std::vector<Step> steps;
    std::vector<int> pool;              // of the steps' small contractions
    Cost cost;
    bool is_affordable = false;
};

// Schedules of problems, of whatever network. One that was made for a problem of the same structure is used again: the rows of
// one person without one answer each, or of people with the same complaints, differ by numbers only.
class Schedules {
public:
    // Lay out the steps along the best order, or along another where rounding did harm (`another` from 1).
    Schedule& best(const Task& task, const Problem& problem);
    Schedule& along_another(int another);

private:
    static constexpr std::size_t slots = 64;
    struct Slot {
        std::vector<std::int32_t> structure;
        Schedule schedule;
    };

    void read_structure();
    int only_wanted() const;
    void fill(const std::vector<int>& order, Schedule& schedule);
    void lay_out();
    bool add_bucket(int rank, std::vector<int>& members, std::vector<int>& star);
    int add_table(const int* axes, int count);
    int combined(int left, int right, int without);
    int passes_back(const Schedule::Step& step) const;
    int other_axis(int seed, int variable) const;

    Settings settings_{};  // that the kept schedules were made under
    const Task* task_ = nullptr;
    const Problem* problem_ = nullptr;
    Schedule* made_ = nullptr;  // under way
    Planner planner_;
    bool is_planned_ = false;  // whether the planner knows the problem
    std::vector<Slot> kept_{slots};
    Schedule other_;
    std::vector<std::int32_t> structure_;  // of the problem: all that the steps depend on
    std::vector<char> is_flat_;            // of each hidden variable: its own vector says nothing
    std::vector<std::vector<int>> members_, stars_;  // tables and two-variable seeds of each bucket
    std::vector<int> widest_, candidates_;           // axes of the largest table
};

}  // namespace LEGDX_ISA
}  // namespace legdx
