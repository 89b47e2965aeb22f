/*
 * Sixteen neighbouring columns of one row: one register of AVX-512, two of AVX2. They come from two panels of
 * eight that are `apart` floats from each other.
 *
 * Every function rounds as the WebAssembly instruction of the same name, so that results have the same bits.
 */
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

#ifdef __AVX512F__

typedef __m512 lanes;

INLINE lanes splat(float x) { return _mm512_set1_ps(x); }
INLINE lanes add(lanes a, lanes b) { return _mm512_add_ps(a, b); }
INLINE lanes sub(lanes a, lanes b) { return _mm512_sub_ps(a, b); }
INLINE lanes mul(lanes a, lanes b) { return _mm512_mul_ps(a, b); }
INLINE lanes quotient(lanes a, lanes b) { return _mm512_div_ps(a, b); }
INLINE lanes root(lanes x) { return _mm512_sqrt_ps(x); }
INLINE lanes madd(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }

/* b where a < b, else a: NaN in a stays. */
INLINE lanes pmax(lanes a, lanes b) { return _mm512_max_ps(b, a); }

/* 0 where x is smaller than `limit`; NaN stays. */
INLINE lanes flush(lanes x, lanes limit) {
  const __mmask16 small = _mm512_cmp_ps_mask(_mm512_abs_ps(x), limit, _CMP_LT_OQ);
  return _mm512_mask_mov_ps(x, small, _mm512_setzero_ps());
}

INLINE lanes load(const float *p, size_t apart) {
  const __m512 low = _mm512_castps256_ps512(_mm256_loadu_ps(p));
  return _mm512_insertf32x8(low, _mm256_loadu_ps(p + apart), 1);
}

INLINE void store(float *p, size_t apart, lanes x) {
  _mm256_storeu_ps(p, _mm512_castps512_ps256(x));
  _mm256_storeu_ps(p + apart, _mm512_extractf32x8_ps(x, 1));
}

INLINE lanes loadNeighbours(const float *p) { return _mm512_loadu_ps(p); }
INLINE void storeNeighbours(float *p, lanes x) { _mm512_storeu_ps(p, x); }

#else

typedef struct {
  __m256 a, b;
} lanes;

INLINE lanes splat(float x) { return (lanes){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
INLINE lanes add(lanes x, lanes y) { return (lanes){_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
INLINE lanes sub(lanes x, lanes y) { return (lanes){_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
INLINE lanes mul(lanes x, lanes y) { return (lanes){_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
INLINE lanes quotient(lanes x, lanes y) { return (lanes){_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
INLINE lanes root(lanes x) { return (lanes){_mm256_sqrt_ps(x.a), _mm256_sqrt_ps(x.b)}; }
INLINE lanes madd(lanes x, lanes y, lanes z) {
  return (lanes){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}

/* y where x < y, else x: NaN in x stays. */
INLINE lanes pmax(lanes x, lanes y) { return (lanes){_mm256_max_ps(y.a, x.a), _mm256_max_ps(y.b, x.b)}; }

INLINE __m256 flushEight(__m256 x, __m256 limit) {
  const __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
  return _mm256_andnot_ps(_mm256_cmp_ps(size, limit, _CMP_LT_OQ), x);
}

/* 0 where x is smaller than `limit`; NaN stays. */
INLINE lanes flush(lanes x, lanes limit) { return (lanes){flushEight(x.a, limit.a), flushEight(x.b, limit.b)}; }

INLINE lanes load(const float *p, size_t apart) { return (lanes){_mm256_loadu_ps(p), _mm256_loadu_ps(p + apart)}; }

INLINE void store(float *p, size_t apart, lanes x) {
  _mm256_storeu_ps(p, x.a);
  _mm256_storeu_ps(p + apart, x.b);
}

INLINE lanes loadNeighbours(const float *p) { return load(p, 8); }
INLINE void storeNeighbours(float *p, lanes x) { store(p, 8, x); }

#endif
