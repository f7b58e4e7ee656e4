// Eight pairs of doubles side by side, each with its bound: one AVX-512 register a part, two of AVX2, elsewhere what the
// compiler makes of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "pair.hpp"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace legdx {
namespace LEGDX_ISA {

constexpr double underflow = 1e-290;  // what one operation may lose at the end of the range of doubles
constexpr double unit = 0x1p-103;     // 8 u^2: what one operation on pairs may be off, relatively
constexpr int lanes = 8;

inline int padded_to_lanes(int count) { return (count + lanes - 1) / lanes * lanes; }

#if defined(__AVX512F__)

struct Vector {
    __m512d v;
};
inline Vector load(const double* from) { return {_mm512_loadu_pd(from)}; }
inline Vector load_first(const double* from, int count) {
    return {_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1u), from)};
}
inline void store(double* to, Vector x) { _mm512_storeu_pd(to, x.v); }
inline Vector all(double x) { return {_mm512_set1_pd(x)}; }
inline Vector operator+(Vector x, Vector y) { return {_mm512_add_pd(x.v, y.v)}; }
inline Vector operator-(Vector x, Vector y) { return {_mm512_sub_pd(x.v, y.v)}; }
inline Vector operator*(Vector x, Vector y) { return {_mm512_mul_pd(x.v, y.v)}; }
inline Vector product_plus(Vector x, Vector y, Vector z) { return {_mm512_fmadd_pd(x.v, y.v, z.v)}; }
inline Vector product_minus(Vector x, Vector y, Vector z) { return {_mm512_fmsub_pd(x.v, y.v, z.v)}; }
inline Vector magnitude(Vector x) { return {_mm512_andnot_pd(_mm512_set1_pd(-0.0), x.v)}; }
// Lane k becomes lane at[k], of one or of two vectors one after the other.
inline Vector chosen(Vector x, const int* at) {
    const __m512i places = _mm512_maskz_cvtepi32_epi64(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
    return {_mm512_maskz_permutexvar_pd(0xff, places, x.v)};
}
inline Vector chosen(Vector x, Vector y, const int* at) {
    const __m512i places = _mm512_maskz_cvtepi32_epi64(0xff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
    return {_mm512_permutex2var_pd(x.v, places, y.v)};
}
// Entries at[k] of an array; eight loads, as a gather takes several times as long on some processors.
inline Vector gathered(const double* from, const int* at) {
    return {_mm512_set_pd(from[at[7]], from[at[6]], from[at[5]], from[at[4]], from[at[3]], from[at[2]], from[at[1]],
                          from[at[0]])};
}
// Entries at[k] of an array, all among the first eight, of which more than `count` may not be there.
inline Vector near(const double* from, int count, const int* at) { return chosen(load_first(from, count), at); }
inline Vector near(const double* from, const int* at) { return chosen(load(from), at); }
inline Vector larger(Vector x, Vector y) { return {_mm512_maskz_max_pd(0xff, x.v, y.v)}; }
// x y + z, in a bound.
inline Vector about_product_plus(Vector x, Vector y, Vector z) { return product_plus(x, y, z); }
// Whether some of the first `count` magnitudes is over `low`, and none is over `high`.
inline bool lie_between(Vector x, int count, double low, double high) {
    const __m512d magnitudes = magnitude(x).v;
    const unsigned among = (1u << count) - 1u;
    return (_mm512_cmp_pd_mask(magnitudes, _mm512_set1_pd(low), _CMP_GT_OQ) & among) != 0 &&
           (_mm512_cmp_pd_mask(magnitudes, _mm512_set1_pd(high), _CMP_NLT_UQ) & among) == 0;
}

#elif defined(__AVX2__) && defined(__FMA__)

struct Vector {
    __m256d a, b;
};
inline Vector load(const double* from) { return {_mm256_loadu_pd(from), _mm256_loadu_pd(from + 4)}; }
inline void store(double* to, Vector x) {
    _mm256_storeu_pd(to, x.a);
    _mm256_storeu_pd(to + 4, x.b);
}
inline Vector load_first(const double* from, int count) {
    double values[lanes] = {};
    std::copy(from, from + count, values);
    return load(values);
}
inline Vector all(double x) { return {_mm256_set1_pd(x), _mm256_set1_pd(x)}; }
inline Vector operator+(Vector x, Vector y) { return {_mm256_add_pd(x.a, y.a), _mm256_add_pd(x.b, y.b)}; }
inline Vector operator-(Vector x, Vector y) { return {_mm256_sub_pd(x.a, y.a), _mm256_sub_pd(x.b, y.b)}; }
inline Vector operator*(Vector x, Vector y) { return {_mm256_mul_pd(x.a, y.a), _mm256_mul_pd(x.b, y.b)}; }
inline Vector product_plus(Vector x, Vector y, Vector z) {
    return {_mm256_fmadd_pd(x.a, y.a, z.a), _mm256_fmadd_pd(x.b, y.b, z.b)};
}
inline Vector product_minus(Vector x, Vector y, Vector z) {
    return {_mm256_fmsub_pd(x.a, y.a, z.a), _mm256_fmsub_pd(x.b, y.b, z.b)};
}
inline Vector magnitude(Vector x) {
    const __m256d sign = _mm256_set1_pd(-0.0);
    return {_mm256_andnot_pd(sign, x.a), _mm256_andnot_pd(sign, x.b)};
}
inline Vector larger(Vector x, Vector y) { return {_mm256_max_pd(x.a, y.a), _mm256_max_pd(x.b, y.b)}; }
inline Vector gathered(const double* from, const int* at) {
    return {_mm256_set_pd(from[at[3]], from[at[2]], from[at[1]], from[at[0]]),
            _mm256_set_pd(from[at[7]], from[at[6]], from[at[5]], from[at[4]])};
}
inline Vector near(const double* from, const int* at) { return gathered(from, at); }
inline Vector near(const double* from, int, const int* at) { return gathered(from, at); }
inline Vector about_product_plus(Vector x, Vector y, Vector z) { return product_plus(x, y, z); }
inline Vector chosen(Vector x, const int* at) {
    double values[lanes];
    store(values, x);
    return gathered(values, at);
}
inline Vector chosen(Vector x, Vector y, const int* at) {
    double values[2 * lanes];
    store(values, x);
    store(values + lanes, y);
    return gathered(values, at);
}

#elif defined(__GNUC__)

struct Vector {
    double v __attribute__((vector_size(lanes * sizeof(double))));
};
inline Vector load(const double* from) {
    Vector found;
    std::memcpy(&found, from, sizeof(found));
    return found;
}
inline void store(double* to, const Vector& x) { std::memcpy(to, &x, sizeof(x)); }
inline Vector load_first(const double* from, int count) {
    double values[lanes] = {};
    std::copy(from, from + count, values);
    return load(values);
}
inline Vector all(double x) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = x;
    return made;
}
inline Vector operator+(const Vector& x, const Vector& y) { return {x.v + y.v}; }
inline Vector operator-(const Vector& x, const Vector& y) { return {x.v - y.v}; }
inline Vector operator*(const Vector& x, const Vector& y) { return {x.v * y.v}; }
inline Vector product_plus(const Vector& x, const Vector& y, const Vector& z) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = std::fma(x.v[k], y.v[k], z.v[k]);
    return made;
}
inline Vector product_minus(const Vector& x, const Vector& y, const Vector& z) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = std::fma(x.v[k], y.v[k], -z.v[k]);
    return made;
}
inline Vector magnitude(const Vector& x) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = std::fabs(x.v[k]);
    return made;
}
inline Vector larger(const Vector& x, const Vector& y) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = x.v[k] > y.v[k] ? x.v[k] : y.v[k];
    return made;
}
inline Vector gathered(const double* from, const int* at) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = from[at[k]];
    return made;
}
inline Vector near(const double* from, const int* at) { return gathered(from, at); }
inline Vector near(const double* from, int, const int* at) { return gathered(from, at); }
inline Vector about_product_plus(const Vector& x, const Vector& y, const Vector& z) { return x * y + z; }
inline Vector chosen(const Vector& x, const int* at) {
    double values[lanes];
    store(values, x);
    return gathered(values, at);
}
inline Vector chosen(const Vector& x, const Vector& y, const int* at) {
    double values[2 * lanes];
    store(values, x);
    store(values + lanes, y);
    return gathered(values, at);
}

#else

struct Vector {
    double v[lanes];
};
template <class Make>
inline Vector each_lane(Make make) {
    Vector made;
    for (int k = 0; k < lanes; ++k) made.v[k] = make(k);
    return made;
}
inline Vector load(const double* from) {
    return each_lane([&](int k) { return from[k]; });
}
inline Vector load_first(const double* from, int count) {
    return each_lane([&](int k) { return k < count ? from[k] : 0.0; });
}
inline void store(double* to, Vector x) { std::copy(x.v, x.v + lanes, to); }
inline Vector all(double x) {
    return each_lane([&](int) { return x; });
}
inline Vector operator+(Vector x, Vector y) {
    return each_lane([&](int k) { return x.v[k] + y.v[k]; });
}
inline Vector operator-(Vector x, Vector y) {
    return each_lane([&](int k) { return x.v[k] - y.v[k]; });
}
inline Vector operator*(Vector x, Vector y) {
    return each_lane([&](int k) { return x.v[k] * y.v[k]; });
}
inline Vector product_plus(Vector x, Vector y, Vector z) {
    return each_lane([&](int k) { return std::fma(x.v[k], y.v[k], z.v[k]); });
}
inline Vector product_minus(Vector x, Vector y, Vector z) {
    return each_lane([&](int k) { return std::fma(x.v[k], y.v[k], -z.v[k]); });
}
inline Vector magnitude(Vector x) {
    return each_lane([&](int k) { return std::fabs(x.v[k]); });
}
inline Vector chosen(Vector x, const int* at) {
    return each_lane([&](int k) { return x.v[at[k]]; });
}
inline Vector chosen(Vector x, Vector y, const int* at) {
    return each_lane([&](int k) { return at[k] < lanes ? x.v[at[k]] : y.v[at[k] - lanes]; });
}
inline Vector gathered(const double* from, const int* at) {
    return each_lane([&](int k) { return from[at[k]]; });
}
inline Vector near(const double* from, const int* at) { return gathered(from, at); }
inline Vector near(const double* from, int, const int* at) { return gathered(from, at); }
inline Vector about_product_plus(Vector x, Vector y, Vector z) { return x * y + z; }
inline Vector larger(Vector x, Vector y) {
    return each_lane([&](int k) { return x.v[k] > y.v[k] ? x.v[k] : y.v[k]; });
}

#endif

#if !defined(__AVX512F__)
inline bool lie_between(Vector x, int count, double low, double high) {
    double values[lanes];
    store(values, x);
    bool is_one_over = false, is_none_higher = true;
    for (int k = 0; k < count; ++k) {
        is_one_over |= std::fabs(values[k]) > low;
        is_none_higher &= std::fabs(values[k]) < high;
    }
    return is_one_over && is_none_higher;
}

#endif

struct Lanes {
    Vector high, low, error;
};

// pair.hpp's `times` and `plus`, with the bounds of both operands and of the operation.
inline Lanes times(const Lanes& x, const Lanes& y) {
    const Vector product = x.high * y.high;
    const Vector rest = product_plus(x.low, y.high, product_plus(x.high, y.low, product_minus(x.high, y.high, product)));
    const Vector high = product + rest;
    const Vector carried = about_product_plus(y.error, magnitude(x.high), x.error * (magnitude(y.high) + y.error));
    return {high, rest - (high - product), carried + about_product_plus(all(unit), magnitude(product), all(underflow))};
}

inline Lanes plus(const Lanes& x, const Lanes& y) {
    const Vector total = x.high + y.high;
    const Vector part = total - x.high;
    const Vector lost = (x.high - (total - part)) + (y.high - part);
    const Vector low = lost + (x.low + y.low);
    const Vector high = total + low;
    const Vector rounding = all(unit) * (magnitude(x.high) + magnitude(y.high));
    return {high, low - (high - total), x.error + y.error + rounding};
}

inline Lanes chosen(const Lanes& x, const Lanes& y, const int* at) {
    return {chosen(x.high, y.high, at), chosen(x.low, y.low, at), chosen(x.error, y.error, at)};
}
inline Lanes chosen(const Lanes& x, const int* at) { return {chosen(x.high, at), chosen(x.low, at), chosen(x.error, at)}; }

// Values, and how far each may be off, one after the other.
struct Values {
    double* high;
    double* low;
    double* error;
};

inline Values shifted(const Values& v, std::ptrdiff_t by) { return {v.high + by, v.low + by, v.error + by}; }
inline Lanes load(const Values& from) { return {load(from.high), load(from.low), load(from.error)}; }
inline Lanes near(const Values& from, const int* at) { return {near(from.high, at), near(from.low, at), near(from.error, at)}; }
inline void store(const Values& to, const Lanes& x) {
    store(to.high, x.high);
    store(to.low, x.low);
    store(to.error, x.error);
}

inline void copy_values(const Values& to, const Values& from, int count) {
    std::copy(from.high, from.high + count, to.high);
    std::copy(from.low, from.low + count, to.low);
    std::copy(from.error, from.error + count, to.error);
}

// Add `count` entries to others, one by one.
inline void add_entries(const Values& to, const Values& from, int count) {
    int k = 0;
    for (; k + lanes <= count; k += lanes) store(shifted(to, k), plus(load(shifted(to, k)), load(shifted(from, k))));
    for (; k < count; ++k) {
        const double magnitudes = std::fabs(to.high[k]) + std::fabs(from.high[k]);
        const Pair sum = plus(Pair{to.high[k], to.low[k]}, Pair{from.high[k], from.low[k]});
        to.high[k] = sum.high;
        to.low[k] = sum.low;
        to.error[k] = to.error[k] + from.error[k] + unit * magnitudes;
    }
}

// Which of sixteen entries are the first, and the second, of two along an axis with 1, 2 or 4 entries inside it.
struct Halves {
    int first[3][lanes], second[3][lanes];
    constexpr Halves() : first(), second() {
        for (int i = 0; i < 3; ++i)
            for (int k = 0; k < lanes; ++k) {
                first[i][k] = (k >> i << (i + 1)) + (k & ((1 << i) - 1));
                second[i][k] = first[i][k] + (1 << i);
            }
    }
};
constexpr Halves halves;

// Sum out an axis of (outer, size, inner), in place.
inline void fold_values(const Values& v, int outer, int size, int inner) {
    if (size == 2 && (inner == 1 || inner == 2 || inner == 4) && outer * inner % lanes == 0) {
        const int *const first = halves.first[inner / 2], *const second = halves.second[inner / 2];
        for (int to = 0; to < outer * inner; to += lanes) {
            const Lanes x = load(shifted(v, 2 * to)), y = load(shifted(v, 2 * to + lanes));
            store(shifted(v, to), plus(chosen(x, y, first), chosen(x, y, second)));
        }
        return;
    }
    for (int o = 0; o < outer; ++o) {
        const int from = o * size * inner, to = o * inner;
        for (int s = 1; s < size; ++s) add_entries(shifted(v, from), shifted(v, from + s * inner), inner);
        if (to != from) copy_values(shifted(v, to), shifted(v, from), inner);
    }
}

// Sum the first `count` entries into the first of them, in halves.
inline void sum_values(const Values& v, int count) {
    while (count > 1) {
        const int half = (count + 1) / 2;
        add_entries(v, shifted(v, half), count - half);
        count = half;
    }
}

}  // namespace LEGDX_ISA
}  // namespace legdx
