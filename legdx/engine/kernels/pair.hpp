// Double-double arithmetic: a number as the unevaluated sum of two doubles, 106 bits.
//
// Algorithms and error bounds: M. Joldes, J.-M. Muller, V. Popescu, "Tight and rigorous error bounds for basic
// building blocks of double-word arithmetic", ACM Trans. Math. Softw. 44 (2017). With u = 2^-53, a product is off by at
// most 8 u^2 times itself, a sum by at most 8 u^2 times the sum of the magnitudes of its terms. Nothing here may be
// compiled with re-association or contraction.
#pragma once

#include <cmath>

namespace legdx {

struct Pair {
    double high = 0.0;
    double low = 0.0;
};

inline Pair two_sum(double a, double b) {
    const double sum = a + b;
    const double part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
}

inline Pair quick_two_sum(double a, double b) {
    const double sum = a + b;
    return {sum, b - (sum - a)};
}

inline Pair times(Pair a, Pair b) {
    const double product = a.high * b.high;
    double rest = std::fma(a.high, b.high, -product);
    rest = std::fma(a.high, b.low, rest);
    rest = std::fma(a.low, b.high, rest);
    return quick_two_sum(product, rest);
}

inline Pair plus(Pair a, Pair b) {
    const Pair sum = two_sum(a.high, b.high);
    return quick_two_sum(sum.high, sum.low + (a.low + b.low));
}

inline Pair negated(Pair a) { return {-a.high, -a.low}; }

inline bool is_zero(Pair a) { return a.high == 0.0; }

inline bool is_one(Pair a) { return a.high == 1.0 && a.low == 0.0; }

}  // namespace legdx
