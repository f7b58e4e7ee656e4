// Sums over the slices of a row: P(evidence), and P(evidence, state) of what is wanted, each with its bound.
#pragma once

#include <cmath>
#include <vector>

#include "contract.hpp"
#include "pair.hpp"

namespace legdx {
namespace LEGDX_ISA {

// A number, and how far it may be off.
struct Part {
    Pair value;
    double error = 0.0;
};

inline Part operator+(const Part& a, const Part& b) {
    const double magnitudes = std::fabs(a.value.high) + std::fabs(b.value.high);
    return {plus(a.value, b.value), a.error + b.error + unit * magnitudes};
}

inline Part operator*(const Part& a, const Part& b) {
    const Pair product = times(a.value, b.value);
    const double mine = std::fabs(a.value.high), theirs = std::fabs(b.value.high);
    return {product, a.error * (theirs + b.error) + mine * b.error + unit * std::fabs(product.high)};
}

// A quotient of pairs is off by at most 16 u^2 (Joldes et al. 2017, algorithm 17); an error of half the divisor and
// more says nothing of it.
inline Part operator/(const Part& a, const Part& b) {
    const double divisor = std::fabs(b.value.high) - b.error;
    if (!(divisor > 0.5 * std::fabs(b.value.high))) return {a.value, INFINITY};
    const double first = a.value.high / b.value.high;
    const Pair rest = plus(a.value, negated(times(b.value, {first, 0.0})));
    const Pair quotient = quick_two_sum(first, rest.high / b.value.high);
    const double size = std::fabs(quotient.high);
    return {quotient, (a.error + size * b.error) / divisor + 2.0 * unit * size};
}

class Slices {
public:
    Pair total;
    double error = 0.0;
    double exponent = 0.0;  // of two, for all numbers here

    void clear() {
        total = {};
        error = exponent = 0.0;
        is_first_ = true;
        first_.clear();
        parts_.clear();
    }
    void add_variable(int variable, int size) {
        if (first_.size() <= static_cast<std::size_t>(variable)) first_.resize(static_cast<std::size_t>(variable) + 1, 0);
        first_[static_cast<std::size_t>(variable)] = parts_.size();
        parts_.resize(parts_.size() + static_cast<std::size_t>(size));
    }

    // Bring a slice's total to the exponent of the sums, or these to that of the slice where it is larger.
    Part scaled(Part part, double own) {
        if (is_first_) exponent = own;
        is_first_ = false;
        if (own > exponent) {
            const double down = std::exp2(exponent - own);
            total = {total.high * down, total.low * down};
            error *= down;
            for (Part& each : parts_) each = {{each.value.high * down, each.value.low * down}, each.error * down};
            exponent = own;
        }
        const double down = std::exp2(own - exponent);
        return {{part.value.high * down, part.value.low * down}, part.error * down + underflow};
    }
    void add_total(const Part& part) {
        const Part sum = Part{total, error} + part;
        total = sum.value;
        error = sum.error;
    }
    void add(int variable, int state, const Part& part) {
        Part& own = parts_[first_[static_cast<std::size_t>(variable)] + static_cast<std::size_t>(state)];
        own = own + part;
    }
    const Part& part(int variable, int state) const {
        return parts_[first_[static_cast<std::size_t>(variable)] + static_cast<std::size_t>(state)];
    }

private:
    bool is_first_ = true;
    std::vector<std::size_t> first_;  // of each hidden variable in parts_
    std::vector<Part> parts_;
};

}  // namespace LEGDX_ISA
}  // namespace legdx
