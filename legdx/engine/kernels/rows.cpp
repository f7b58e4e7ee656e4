// Rows one after the other, until none is left: what each thread does.
#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "batch.hpp"
#include "engine.hpp"

namespace legdx {
namespace LEGDX_ISA {

void run_rows(const Task& task, Batch& batch) {
    constexpr std::int64_t taken = 8;
    constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
    const int draws = task.network->draws;
    std::shared_ptr<void> taken_up = batch.engines->take();
    try {
        if (taken_up == nullptr) taken_up = std::make_shared<Engine>();
    } catch (const std::bad_alloc&) {
        for (std::int64_t r = batch.next.fetch_add(1); r < batch.rows; r = batch.next.fetch_add(1)) {
            batch.status[r] = static_cast<std::int32_t>(Status::costly);
            std::fill_n(batch.log_evidence + r * draws, draws, not_known);
            std::fill_n(batch.marginals + r * draws * batch.width, static_cast<std::size_t>(draws) * batch.width, not_known);
            std::fill_n(batch.costs + r * cost_fields, cost_fields, 0.0);
        }
        return;
    }
    Engine& engine = *static_cast<Engine*>(taken_up.get());
    std::vector<const double*> soft;
    for (std::int64_t from = batch.next.fetch_add(taken); from < batch.rows; from = batch.next.fetch_add(taken)) {
        for (std::int64_t r = from; r < std::min(batch.rows, from + taken); ++r) {
            Row row{batch.codes + r * batch.columns, batch.variables, batch.columns, nullptr, nullptr, 0};
            if (batch.soft_start != nullptr) {
                const std::int64_t first = batch.soft_start[r];
                row.soft_count = static_cast<int>(batch.soft_start[r + 1] - first);
                row.soft_variables = batch.soft_variables + first;
                soft.clear();
                for (int k = 0; k < row.soft_count; ++k) soft.push_back(batch.soft_values + batch.soft_at[first + k]);
                row.soft_values = soft.data();
            }
            Answer answer{batch.log_evidence + r * draws, batch.marginals + r * draws * batch.width, Status::done, {}};
            const auto know_nothing = [&] {
                std::fill_n(answer.log_evidence, draws, not_known);
                std::fill_n(answer.marginals, static_cast<std::size_t>(draws) * batch.width, not_known);
            };
            know_nothing();
            try {
                engine.run(task, row, answer);
            } catch (const std::bad_alloc&) {
                answer.status = Status::costly;
            } catch (const std::length_error&) {  // a table over more variables than there is room for
                answer.status = Status::costly;
            }
            if (answer.status == Status::costly) know_nothing();  // of the draws before the one that is
            batch.status[r] = static_cast<std::int32_t>(answer.status);
            const Cost& cost = answer.cost;
            const double fields[cost_fields] = {cost.entries, cost.bytes, cost.seconds, cost.largest, cost.bound};
            std::copy(fields, fields + cost_fields, batch.costs + r * cost_fields);
        }
    }
    engine.rest();
    batch.engines->give_back(std::move(taken_up));
}

}  // namespace LEGDX_ISA
}  // namespace legdx
