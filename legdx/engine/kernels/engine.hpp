// Compiled once for each generation of processors, in a namespace of its own (LEGDX_ISA).
#pragma once

#include "contract.hpp"
#include "evidence.hpp"
#include "schedule.hpp"
#include "problem.hpp"
#include "run.hpp"
#include "slices.hpp"

namespace legdx {
namespace LEGDX_ISA {

class Engine {
public:
    // Answer a row: first cost, then tables, then a bound on what rounding did to it.
    void run(const Task& task, const Row& row, Answer& answer);
    // Keep little memory until the next call.
    void rest();

private:
    double compute(const Task& task, double* log_evidence, double* marginals, double least);
    void add_slice(const Task& task);
    void forward(bool keep);
    void multiply_total(Pair factor, int depth, double error = 0.0);
    void multiply_single(Pair factor, int depth);
    void keep_apart(Pair& value, double& error);
    int state_of(int variable) const;
    void build();
    void build_star(const Schedule::Step& step);
    double rescale(Table& table);
    void backward();
    void multiply(const Table& x, const Table& y, const Table& z, SmallContraction& how);
    Table allocated(const Schedule::Shape& shape);
    void release(Table& table);
    void release_step(const Schedule::Step& step);
    double bound_of(const Task& task) const;
    void write(const Task& task, double* log_evidence, double* marginals) const;

    Memory memory_, tables_memory_, scratch_;
    Answers answers_;
    Recycler recycler_{tables_memory_};
    Problem problem_;
    Reduction reduction_{memory_};
    Schedules schedules_;
    Schedule* schedule_ = nullptr;                // along which the row is run
    std::vector<Table> tables_, adjoints_;
    std::vector<std::vector<double>> beliefs_;    // of each hidden variable, not normalised
    double exponent_ = 0.0;                       // of two, divided out of the tables
    Pair total_;
    double total_error_ = 0.0;
    bool slice_is_zero_ = false;
    std::vector<int> states_;                     // of the sliced variables, now
    Slices sum_;
};

}  // namespace LEGDX_ISA
}  // namespace legdx
