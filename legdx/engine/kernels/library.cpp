// What Python calls: plain C functions on arrays that the caller owns. No Python object is touched here, so that the
// interpreter's lock is free while rows are run.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "batch.hpp"

#if defined(_WIN32)
#define LEGDX_EXPORT extern "C" __declspec(dllexport)
#else
#define LEGDX_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace legdx {

using Rows = void (*)(const Task&, Batch&);

namespace base {
void run_rows(const Task&, Batch&);
}
#if defined(LEGDX_X86_LEVELS)
namespace v3 {
void run_rows(const Task&, Batch&);
}
namespace v4 {
void run_rows(const Task&, Batch&);
}
#endif

namespace {

// Never destroyed: threads may outlive the library's own objects.
Engines& idle_engines() {
    static Engines* const idle = new Engines;
    return *idle;
}

// The kernels for the newest generation that this processor belongs to (x86-64-v3: AVX2, FMA; v4: AVX-512).
Rows rows_for_this_processor(const char*& name) {
#if defined(LEGDX_X86_LEVELS)
    __builtin_cpu_init();
    const bool has_v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool has_v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl");
    if (has_v3 && has_v4) {
        name = "x86-64-v4";
        return v4::run_rows;
    }
    if (has_v3) {
        name = "x86-64-v3";
        return v3::run_rows;
    }
#endif
    name = "baseline";
    return base::run_rows;
}

}  // namespace
}  // namespace legdx

LEGDX_EXPORT const char* legdx_processor() {
    const char* name = nullptr;
    legdx::rows_for_this_processor(name);
    return name;
}

// Returns null where the stream does not describe a network, or memory is out.
LEGDX_EXPORT void* legdx_network(const std::int64_t* words, std::size_t length, const double* numbers,
                                 std::int64_t draws, std::size_t count) {
    try {
        auto network = std::make_unique<legdx::Network>();
        if (!legdx::read_network(words, length, *network) || network->count != count) return nullptr;
        static std::atomic<std::uint64_t> networks{0};
        network->serial = ++networks;
        legdx::take_numbers(numbers, static_cast<int>(draws), *network);
        return network.release();
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

LEGDX_EXPORT void legdx_forget(void* network) { delete static_cast<legdx::Network*>(network); }

// Returns 0; or 1 for a variable that is not there, 2 for a code that is no state of its variable, with nothing run.
LEGDX_EXPORT std::int32_t legdx_run(const void* network, std::int64_t rows, std::int32_t columns, const std::int32_t* variables,
                            const std::uint8_t* codes, const std::int64_t* soft_start,
                            const std::int32_t* soft_variables, const std::int64_t* soft_at, const double* soft_values,
                            std::int32_t wanted_count, const std::int32_t* wanted, double seconds, double bytes,
                            double tolerance, std::int32_t only_cost, std::int32_t with_evidence, std::int32_t threads, double* log_evidence,
                            double* marginals, std::int32_t* status, double* costs) {
    const auto& net = *static_cast<const legdx::Network*>(network);
    const auto is_there = [&](std::int32_t variable) { return variable >= 0 && variable < net.variables(); };
    if (!std::all_of(variables, variables + columns, is_there) || !std::all_of(wanted, wanted + wanted_count, is_there))
        return 1;
    for (std::int64_t at = 0, column = 0; at < rows * columns; ++at) {
        if (codes[at] != legdx::unobserved && codes[at] >= net.sizes[static_cast<std::size_t>(variables[column])]) return 2;
        if (++column == columns) column = 0;
    }
    legdx::Task task{&net, {wanted, wanted_count}, {seconds, bytes, tolerance}, only_cost != 0, with_evidence != 0};
    legdx::Batch batch;
    batch.rows = rows;
    batch.columns = columns;
    batch.variables = variables;
    batch.codes = codes;
    batch.soft_start = soft_start;
    batch.soft_variables = soft_variables;
    batch.soft_at = soft_at;
    batch.soft_values = soft_values;
    batch.width = 0;
    for (std::int32_t k = 0; k < wanted_count; ++k) batch.width += net.sizes[static_cast<std::size_t>(wanted[k])];
    batch.log_evidence = log_evidence;
    batch.marginals = marginals;
    batch.status = status;
    batch.costs = costs;
    batch.engines = &legdx::idle_engines();
    const char* name = nullptr;
    const legdx::Rows run = legdx::rows_for_this_processor(name);
    std::vector<std::thread> others;
    try {
        for (std::int32_t k = 1; k < threads; ++k) others.emplace_back([&] { run(task, batch); });
    } catch (const std::system_error&) {
        // The machine gives no more threads: the ones that there are do all rows.
    }
    run(task, batch);
    for (std::thread& other : others) other.join();
    return 0;
}
