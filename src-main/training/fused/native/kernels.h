/* The products of a dense layer and the step of its weights, as in ../assembly/, on the memory of the WebAssembly module. */
#include <stddef.h>
#include <stdint.h>

/* What the step of an optimizer needs; ../assembly/optimizers.ts fills it in. */
typedef struct {
  int32_t kind;
  int32_t nesterov;
  float weightDecay, shrink, keep1, take1, keep2, take2, secondScale, epsilon, rate, gradientRate, momentum;
} Step;

/* Distances are in floats. `stride`: between two panels of activations. `columns` is a multiple of 16. */
typedef struct {
  /* Multiply-adds in one turn of the loop. */
  int loopSize;
  void (*forward)(const float *a, size_t stride, const float *w, int inputs, int columns, int rows, float *z);
  /* `t` is a place for `outputs`, rounded up to 8, times `rows`, rounded up to 32. */
  void (*inputGradient)(const float *d, const float *w, int inputs, int outputs, int rows, const float *slopes,
                        size_t stride, float *t, float *e);
  /* With `step` the weights move, without it gradients are put into `g` or added to it. */
  void (*layerGradient)(const float *a, size_t stride, float *w, int inputs, const float *d, int columns, int batch,
                        float *g, float *first, float *second, const Step *step, int accumulate);
  void (*update)(float *w, const float *g, float *first, float *second, size_t count, const Step *step);
  float (*multiplyAddLoop)(int turns, float x, float y);
} Kernels;

extern const Kernels kernelsAvx2, kernelsAvx512;
