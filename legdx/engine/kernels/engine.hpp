// Compiled once for each generation of processors, in a namespace of its own (LEGDX_ISA).
#pragma once

#include "bucket.hpp"
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
    struct Along;  // the axes of a block

    double compute(const Task& task, double* log_evidence, double* marginals, double least);
    void add_slice(const Task& task);
    void forward(bool keep);
    void multiply_total(Pair factor, int depth, double error = 0.0);
    void multiply_single(Pair factor, int depth);
    void keep_apart(Pair& value, double& error);
    int state_of(int variable) const;
    void build();
    void build_star(const Schedule::Step& step);
    double rescale(const Table& table);
    void backward();
    void prepare(Bucket& bucket);
    void lay_out(Factor& factor, const Along& along);
    void lay_out_back(Factor& factor, const Bucket& bucket);
    Lanes read(const Factor& factor, int from) const;
    int place_in_slice(const Seed& seed) const;
    void forward(Bucket& bucket);
    void backward(const Bucket& bucket);
    void backward_in_lanes(const Bucket& bucket);
    void keep_belief(const Bucket& bucket, const Values& sums);
    void send_back(const Factor& factor, const Lanes& product);
    void send_back(const Factor& factor, const Values& product);
    void finish_adjoint(int table, bool is_near_one);
    void multiply(const Table& x, const Table& y, const Table& z, std::unique_ptr<Contraction>& how);
    Table allocated(const Schedule::Shape& shape, int slot);
    Table allocated(int table);
    Table allocated_adjoint(int table);
    void release(Table& table);
    void release_step(const Schedule::Step& step);
    double bound_of(const Task& task) const;
    void write(const Task& task, double* log_evidence, double* marginals) const;

    Memory memory_, tables_memory_;
    Answers answers_;
    Recycler recycler_{tables_memory_};
    Problem problem_;
    Reduction reduction_{memory_};
    Schedules schedules_;
    Schedule* schedule_ = nullptr;                // along which the row is run
    std::vector<Table> tables_, adjoints_;
    double* arena_ = nullptr;                     // of the small tables
    std::vector<Block> leading_, after_;          // of a bucket on the way back
    std::vector<Lanes> leading_lanes_, after_lanes_;
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
