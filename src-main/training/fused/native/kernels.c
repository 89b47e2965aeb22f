/*
 * Compiled twice, for AVX2 and for AVX-512. Sums run in the same order and round as often as in ../assembly/ (built
 * with relaxed SIMD), so that the bits are the same: these are faster, and nothing else.
 *
 * Matrices are the column panels that ../assembly/layout.ts describes.
 */
#include "lanes.h"
#include "kernels.h"

#define UNROLL _Pragma("GCC unroll 16")

#ifdef __AVX512F__
#define TILE_ROWS 8
#define TILE_VECTORS 2
#define LOOP_SUMS 12
#else
#define TILE_ROWS 4
#define TILE_VECTORS 1
#define LOOP_SUMS 6
#endif

/* Rows of the batch whose input gradients are summed at once. */
#define GROUP (16 * TILE_VECTORS)

/* Numbers of the optimizers, and what they take for zero, as in ../assembly/. */
enum { SGD, ADAM, ADAMW, RMSPROP, ADAGRAD, NADAM };
#define SMALLEST 1.17549435e-38f
#define SMALLEST_GRADIENT 1.1e-19f

/* Inputs of a stretch of forward products, and of a stretch of input gradients: what fits into the nearest cache. */
#define FORWARD_INPUTS 256
#define GRADIENT_INPUTS 64

INLINE int atMost(int a, int b) { return a < b ? a : b; }

/* ---- z = [a, 1] w ---- */

/* `c` starts with what is at `start`; `vectors` times two panels of `w`, `apart` floats from each other. */
INLINE void forwardTile(const int rows, const int vectors, const float *a, size_t stride, const float *w, size_t apart,
                        int inputs, const float *start, size_t startApart, size_t startRow, float *z) {
  lanes c[TILE_ROWS][TILE_VECTORS];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      c[r][v] = load(start + r * startRow + 2 * v * startApart, startApart);
  for (; inputs > 0; inputs -= 8, a += stride) {
    for (int i = 0, end = atMost(inputs, 8); i < end; i++, w += 8) {
      lanes x[TILE_VECTORS];
      UNROLL for (int v = 0; v < vectors; v++) x[v] = load(w + 2 * v * apart, apart);
      UNROLL for (int r = 0; r < rows; r++) {
        const lanes y = splat(a[r * 8 + i]);
        UNROLL for (int v = 0; v < vectors; v++) c[r][v] = madd(y, x[v], c[r][v]);
      }
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      store(z + r * 8 + 2 * v * stride, stride, c[r][v]);
}

INLINE void forwardColumns(const int vectors, const float *a, size_t stride, const float *w, int inputs, int rows,
                           float *z) {
  const size_t apart = ((size_t)inputs + 1) * 8;
  const float *bias = w + (size_t)inputs * 8;
  for (int i = 0; i < inputs; i += FORWARD_INPUTS) {
    const int count = atMost(inputs - i, FORWARD_INPUTS);
    const float *start = i == 0 ? bias : z;
    const size_t startApart = i == 0 ? apart : stride;
    const size_t startRow = i == 0 ? 0 : 8;
    int row = 0;
    for (; row + TILE_ROWS <= rows; row += TILE_ROWS)
      forwardTile(TILE_ROWS, vectors, a + row * 8, stride, w, apart, count, start + row * startRow, startApart, startRow,
                  z + row * 8);
    for (; row < rows; row += 4)
      forwardTile(4, vectors, a + row * 8, stride, w, apart, count, start + row * startRow, startApart, startRow,
                  z + row * 8);
    a += FORWARD_INPUTS / 8 * stride;
    w += FORWARD_INPUTS * 8;
  }
}

static void forward(const float *a, size_t stride, const float *w, int inputs, int columns, int rows, float *z) {
  const size_t apart = ((size_t)inputs + 1) * 8;
  for (; columns >= 16 * TILE_VECTORS; columns -= 16 * TILE_VECTORS) {
    forwardColumns(TILE_VECTORS, a, stride, w, inputs, rows, z);
    w += 2 * TILE_VECTORS * apart;
    z += 2 * TILE_VECTORS * stride;
  }
  if (columns > 0) forwardColumns(1, a, stride, w, inputs, rows, z);
}

/* ---- e = (d w^T) * slopes ---- */

/* Eight rows of eight become eight columns. */
INLINE void transpose(const float *from, size_t fromRow, __m256 to[8]) {
  __m256 x[8], y[8];
  UNROLL for (int r = 0; r < 8; r++) x[r] = _mm256_loadu_ps(from + r * fromRow);
  UNROLL for (int r = 0; r < 8; r += 2) {
    y[r] = _mm256_unpacklo_ps(x[r], x[r + 1]);
    y[r + 1] = _mm256_unpackhi_ps(x[r], x[r + 1]);
  }
  UNROLL for (int r = 0; r < 8; r += 4) {
    x[r] = _mm256_shuffle_ps(y[r], y[r + 2], 0x44);
    x[r + 1] = _mm256_shuffle_ps(y[r], y[r + 2], 0xee);
    x[r + 2] = _mm256_shuffle_ps(y[r + 1], y[r + 3], 0x44);
    x[r + 3] = _mm256_shuffle_ps(y[r + 1], y[r + 3], 0xee);
  }
  UNROLL for (int r = 0; r < 4; r++) {
    to[r] = _mm256_permute2f128_ps(x[r], x[r + 4], 0x20);
    to[r + 4] = _mm256_permute2f128_ps(x[r], x[r + 4], 0x31);
  }
}

/* `rows`, a multiple of 8 and at most GROUP, to columns: t[output][GROUP]. */
static void transposeGradient(const float *d, size_t stride, int outputs, int rows, float *t) {
  for (; outputs > 0; outputs -= 8, d += stride, t += 8 * GROUP)
    for (int row = 0; row < rows; row += 8) {
      __m256 columns[8];
      transpose(d + row * 8, 8, columns);
      UNROLL for (int c = 0; c < 8; c++) _mm256_storeu_ps(t + c * GROUP + row, columns[c]);
    }
}

/* c += w[input] * t[output], for the outputs of one panel of `w`. */
INLINE void addPanel(const int inputs, const int vectors, const int width, const float *t, const float *w, int outputs,
                     lanes c[TILE_ROWS][TILE_VECTORS]) {
  for (int o = 0; o < outputs; o++, t += GROUP) {
    lanes x[TILE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) x[v] = loadNeighbours(t + 16 * v);
    UNROLL for (int i = 0; i < inputs; i++) {
      const lanes y = splat(w[i * width + o]);
      UNROLL for (int v = 0; v < vectors; v++) c[i][v] = madd(y, x[v], c[i][v]);
    }
  }
}

/* Sums over the outputs for `inputs` rows of `w` from `input` on and 16 x `vectors` rows of the batch. */
INLINE void inputGradientTile(const int inputs, const int vectors, const float *t, const float *w, size_t apart,
                              int input, int outputs, float *sums) {
  lanes c[TILE_ROWS][TILE_VECTORS];
  UNROLL for (int i = 0; i < inputs; i++) UNROLL for (int v = 0; v < vectors; v++) c[i][v] = splat(0);
  for (; outputs > 4; outputs -= 8, w += apart, t += 8 * GROUP)
    addPanel(inputs, vectors, 8, t, w + input * 8, atMost(outputs, 8), c);
  /* The last panel is packed four wide when that is enough. */
  if (outputs > 0) addPanel(inputs, vectors, 4, t, w + input * 4, outputs, c);
  UNROLL for (int i = 0; i < inputs; i++) UNROLL for (int v = 0; v < vectors; v++)
      storeNeighbours(sums + i * GROUP + 16 * v, c[i][v]);
}

/* One panel of `e`, which has eight inputs or, the last one, four. */
INLINE void inputGradientPanel(const int vectors, const float *t, const float *w, size_t apart, int input, int inputs,
                               int outputs, int rows, const float *slopes, float *e) {
  float sums[8 * GROUP] __attribute__((aligned(64)));
  int done = 0;
  for (; done + TILE_ROWS <= inputs; done += TILE_ROWS)
    inputGradientTile(TILE_ROWS, vectors, t, w, apart, input + done, outputs, sums + done * GROUP);
  if (done < inputs) {
    inputGradientTile(4, vectors, t, w, apart, input + done, outputs, sums + done * GROUP);
    done += 4;
  }
  for (; done < 8; done += 4)
    for (int i = 0; i < 4 * GROUP; i += 16) storeNeighbours(sums + done * GROUP + i, splat(0));
  for (int row = 0; row < rows; row += 8) {
    __m256 x[8];
    transpose(sums + row, GROUP, x);
    UNROLL for (int r = 0; r < 8; r++)
        _mm256_storeu_ps(e + (row + r) * 8, _mm256_mul_ps(x[r], _mm256_loadu_ps(slopes + (row + r) * 8)));
  }
}

static void inputGradient(const float *d, const float *w, int inputs, int outputs, int rows, const float *slopes,
                          size_t stride, float *t, float *e) {
  const size_t apart = ((size_t)inputs + 1) * 8;
  const size_t groupFloats = (((size_t)outputs + 7) & ~(size_t)7) * GROUP;
  for (int row = 0; row < rows; row += GROUP)
    transposeGradient(d + row * 8, stride, outputs, atMost(rows - row + 7, GROUP) & ~7, t + row / GROUP * groupFloats);
  for (int first = 0; first < inputs; first += GRADIENT_INPUTS) {
    const int end = atMost(first + GRADIENT_INPUTS, inputs);
    for (int row = 0; row < rows; row += GROUP) {
      const int count = atMost(rows - row, GROUP);
      const float *columns = t + row / GROUP * groupFloats;
      for (int input = first; input < end; input += 8) {
        const size_t at = input / 8 * stride + row * 8;
        const int some = atMost(end - input, 8);
        if (count > 16)
          inputGradientPanel(TILE_VECTORS, columns, w, apart, input, some, outputs, count, slopes + at, e + at);
        else
          inputGradientPanel(1, columns, w, apart, input, some, outputs, count, slopes + at, e + at);
      }
    }
  }
}

/* ---- g = [a, 1]^T d, and the step of the weights ---- */

/* Four-lane rules of ../assembly/optimizers.ts on sixteen. `apart` as in load(). */
INLINE void stepOne(const int kind, const Step *s, lanes g, float *w, float *first, float *second, size_t apart) {
  const lanes smallest = splat(SMALLEST);
  const lanes weight = load(w, apart);
  if (kind != ADAMW) g = madd(weight, splat(s->weightDecay), g);
  if (kind == SGD) {
    if (s->momentum != 0) {
      const lanes m = flush(madd(load(first, apart), splat(s->momentum), g), smallest);
      store(first, apart, m);
      g = s->nesterov ? madd(m, splat(s->momentum), g) : m;
    }
    store(w, apart, madd(g, splat(-s->rate), weight));
    return;
  }
  g = flush(g, splat(SMALLEST_GRADIENT));
  if (kind == ADAGRAD) {
    const lanes sum = madd(g, g, load(first, apart));
    store(first, apart, sum);
    store(w, apart, madd(quotient(g, add(root(sum), splat(s->epsilon))), splat(-s->rate), weight));
    return;
  }
  /* RMSprop keeps the mean of squares first, and its momentum second. */
  float *squares = kind == RMSPROP ? first : second;
  const lanes square = mul(mul(g, g), splat(s->take2));
  const lanes v = pmax(madd(load(squares, apart), splat(s->keep2), square), smallest);
  store(squares, apart, v);
  if (kind == RMSPROP) {
    lanes move = quotient(g, add(root(v), splat(s->epsilon)));
    if (s->momentum != 0) {
      move = flush(madd(load(second, apart), splat(s->momentum), move), smallest);
      store(second, apart, move);
    }
    store(w, apart, madd(move, splat(-s->rate), weight));
    return;
  }
  const lanes m = flush(madd(load(first, apart), splat(s->keep1), mul(g, splat(s->take1))), smallest);
  store(first, apart, m);
  const lanes size = madd(root(v), splat(s->secondScale), splat(s->epsilon));
  if (kind == NADAM) {
    const lanes move = madd(m, splat(s->rate), mul(g, splat(s->gradientRate)));
    store(w, apart, sub(weight, quotient(move, size)));
  } else {
    const lanes shrunk = kind == ADAMW ? mul(weight, splat(s->shrink)) : weight;
    store(w, apart, madd(quotient(m, size), splat(-s->rate), shrunk));
  }
}

/* Where the weights of some columns are, and what belongs to them. */
typedef struct {
  float *w, *g, *first, *second;
  /* Between two panels. */
  size_t apart;
  const Step *step;
} Target;

/* `g`: rows of `vectors` times sixteen gradients, for rows of weights that start at `at`. */
INLINE void stepRows(const int kind, const Target *to, size_t at, const float *g, int rows, int vectors) {
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++, g += 16) {
      const size_t here = at + r * 8 + 2 * v * to->apart;
      stepOne(kind, to->step, loadNeighbours(g), to->w + here, to->first + here, to->second + here, to->apart);
    }
}

static void step(const Target *to, size_t at, const float *g, int rows, int vectors) {
  switch (to->step->kind) {
    case SGD: return stepRows(SGD, to, at, g, rows, vectors);
    case ADAM: return stepRows(ADAM, to, at, g, rows, vectors);
    case ADAMW: return stepRows(ADAMW, to, at, g, rows, vectors);
    case RMSPROP: return stepRows(RMSPROP, to, at, g, rows, vectors);
    case ADAGRAD: return stepRows(ADAGRAD, to, at, g, rows, vectors);
    case NADAM: return stepRows(NADAM, to, at, g, rows, vectors);
  }
}

INLINE void useTile(const int rows, const int vectors, const Target *to, size_t at,
                    lanes c[TILE_ROWS][TILE_VECTORS]) {
  if (to->step) {
    float g[TILE_ROWS * TILE_VECTORS * 16] __attribute__((aligned(64)));
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        storeNeighbours(g + (r * vectors + v) * 16, c[r][v]);
    step(to, at, g, rows, vectors);
  } else {
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
        store(to->g + at + r * 8 + 2 * v * to->apart, to->apart, c[r][v]);
  }
}

INLINE void startTile(const int rows, const int vectors, const Target *to, size_t at, int accumulate,
                      lanes c[TILE_ROWS][TILE_VECTORS]) {
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++)
      c[r][v] = accumulate ? load(to->g + at + r * 8 + 2 * v * to->apart, to->apart) : splat(0);
}

/* `a` points to the first of `rows` neighbouring inputs. */
INLINE void weightTile(const int rows, const int vectors, const float *a, const float *d, size_t stride, int batch,
                       const Target *to, size_t at, int accumulate) {
  lanes c[TILE_ROWS][TILE_VECTORS];
  startTile(rows, vectors, to, at, accumulate, c);
  for (; batch > 0; batch--, a += 8, d += 8) {
    lanes x[TILE_VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) x[v] = load(d + 2 * v * stride, stride);
    UNROLL for (int r = 0; r < rows; r++) {
      const lanes y = splat(a[r]);
      UNROLL for (int v = 0; v < vectors; v++) c[r][v] = madd(y, x[v], c[r][v]);
    }
  }
  useTile(rows, vectors, to, at, c);
}

INLINE void biasTile(const int vectors, const float *d, size_t stride, int batch, const Target *to, size_t at,
                     int accumulate) {
  lanes c[TILE_ROWS][TILE_VECTORS];
  startTile(1, vectors, to, at, accumulate, c);
  for (; batch > 0; batch--, d += 8)
    UNROLL for (int v = 0; v < vectors; v++) c[0][v] = add(c[0][v], load(d + 2 * v * stride, stride));
  useTile(1, vectors, to, at, c);
}

INLINE void gradientColumns(const int vectors, const float *a, size_t stride, int inputs, const float *d, int batch,
                            const Target *to, int accumulate) {
  int i = 0;
  for (; i + TILE_ROWS <= inputs; i += TILE_ROWS)
    weightTile(TILE_ROWS, vectors, a + i / 8 * stride + (i & 4), d, stride, batch, to, (size_t)i * 8, accumulate);
  if (i < inputs) weightTile(4, vectors, a + i / 8 * stride, d, stride, batch, to, (size_t)i * 8, accumulate);
  biasTile(vectors, d, stride, batch, to, (size_t)inputs * 8, accumulate);
}

static void layerGradient(const float *a, size_t stride, float *w, int inputs, const float *d, int columns, int batch,
                          float *g, float *first, float *second, const Step *rule, int accumulate) {
  Target to = {w, g, first, second, ((size_t)inputs + 1) * 8, rule};
  for (; columns >= 16 * TILE_VECTORS; columns -= 16 * TILE_VECTORS) {
    gradientColumns(TILE_VECTORS, a, stride, inputs, d, batch, &to, accumulate);
    const size_t done = 2 * TILE_VECTORS * to.apart;
    to.w += done;
    to.g += done;
    to.first += done;
    to.second += done;
    d += 2 * TILE_VECTORS * stride;
  }
  if (columns > 0) gradientColumns(1, a, stride, inputs, d, batch, &to, accumulate);
}

/* `count` is a multiple of 16, which are two rows of eight with nothing between. */
static void update(float *w, const float *g, float *first, float *second, size_t count, const Step *rule) {
  for (size_t i = 0; i < count; i += 16) {
    const Target to = {w + i, 0, first + i, second + i, 8, rule};
    step(&to, 0, g + i, 1, 1);
  }
}

/* ---- the limit of the processor ---- */

/* Sums differ and all count, so that none is left out by the compiler. */
static float multiplyAddLoop(int turns, float first, float second) {
  const lanes x = splat(first), y = splat(second);
  float values[LOOP_SUMS * 16];
  lanes c[LOOP_SUMS];
  for (int i = 0; i < LOOP_SUMS * 16; i++) values[i] = (float)i;
  UNROLL for (int i = 0; i < LOOP_SUMS; i++) c[i] = loadNeighbours(values + 16 * i);
  for (; turns > 0; turns--) UNROLL for (int i = 0; i < LOOP_SUMS; i++) c[i] = madd(x, y, c[i]);
  UNROLL for (int i = 0; i < LOOP_SUMS; i++) storeNeighbours(values + 16 * i, c[i]);
  float sum = 0;
  for (int i = 0; i < LOOP_SUMS * 16; i++) sum += values[i];
  return sum;
}

const Kernels KERNELS = {LOOP_SUMS * 16, forward, inputGradient, layerGradient, update, multiplyAddLoop};
