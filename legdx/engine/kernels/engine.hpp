// Compiled once for each generation of processors, in a namespace of its own (LEGDX_ISA).
#pragma once

#include "contract.hpp"
#include "evidence.hpp"
#include "plan.hpp"
#include "problem.hpp"
#include "run.hpp"
#include "slices.hpp"

namespace legdx {
namespace LEGDX_ISA {

class Engine {
public:
    // Answer a row: first cost, then tables, then a bound on what rounding did to it.
    void run(const Task& task, const Row& row, Answer& answer);

private:
    enum class Kind { star, contract, sum };
    struct Step {
        Kind kind;
        int left = -1, right = -1;  // tables
        int result = -1;
        int variable = -1;          // hidden variable summed out with it, or that a star is around
        double union_entries = 0.0;
        int first_seed = 0, seeds = 0;  // of a star
    };
    struct Shape {
        int first = 0, count = 0;  // in axes_
        double entries = 1.0;
        bool leads = false;        // to a wanted variable
        int seed = -1;             // the seed that it is, or -1
    };

    double compute(const Task& task, double* log_evidence, double* marginals, double least);
    bool plan(const Task& task, const std::vector<int>& order, Cost& cost);
    void add_slice(const Task& task);
    Cost lay_out(const Task& task);
    int add_table(const int* axes, int count);
    int combined(int left, int right, int without);
    int passes_back(const Step& step) const;
    bool add_bucket(int rank, std::vector<int>& members, std::vector<int>& star);
    void forward(bool keep);
    void multiply_total(Pair factor, int depth, double error = 0.0);
    int state_of(int variable) const;
    void build();
    void build_star(const Step& step);
    double rescale(Table& table);
    void backward();
    Table allocated(const Shape& shape);
    void release(Table& table);
    void release_step(const Step& step);
    double bound_of(const Task& task) const;
    void write(const Task& task, double* log_evidence, double* marginals) const;

    Memory memory_, tables_memory_, scratch_;
    Answers answers_;
    Recycler recycler_{tables_memory_};
    Problem problem_;
    Reduction reduction_{memory_};
    Planner planner_;
    std::vector<int> rank_, order_, first_order_, sizes_, axes_;
    std::vector<Shape> shapes_;
    std::vector<Step> steps_;
    std::vector<Table> tables_, adjoints_;
    std::vector<int> star_seeds_;
    std::vector<char> is_wanted_;                 // of each hidden variable
    std::vector<std::vector<int>> members_, stars_;  // tables and two-variable seeds of each bucket
    std::vector<std::vector<double>> beliefs_;    // of each hidden variable, not normalised
    double exponent_ = 0.0;                       // of two, divided out of the tables
    Pair total_;
    double total_error_ = 0.0;
    std::vector<int> sliced_, states_;           // hidden variables taken out of all tables, and their states now
    std::vector<int> scalar_seeds_;              // seeds over sliced variables alone
    std::vector<int> widest_;                    // axes of the largest table
    Slices sum_;
};

}  // namespace LEGDX_ISA
}  // namespace legdx
