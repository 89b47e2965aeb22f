/*
 * Hands the kernels to JavaScript, one object of functions for each kind of register that this processor has. They are
 * called from WebAssembly: `base` is where its memory starts (`addressOf`), all addresses are offsets from there, and
 * none is checked, as in a WebAssembly module nobody else writes the calls.
 *
 * No function of a C library is used, so the file loads on every Linux.
 */
#include <node_api.h>
#include "kernels.h"

#define MOST_ARGUMENTS 13

typedef struct {
  const Kernels *kernels;
  char *base;
  uint32_t values[MOST_ARGUMENTS];
} Call;

/* The first argument is the base, the others are 32-bit integers. */
static Call readCall(napi_env env, napi_callback_info info) {
  napi_value arguments[MOST_ARGUMENTS];
  size_t count = MOST_ARGUMENTS;
  Call call = {0};
  double base = 0;
  napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&call.kernels);
  napi_get_value_double(env, arguments[0], &base);
  call.base = (char *)(uintptr_t)base;
  for (size_t i = 1; i < MOST_ARGUMENTS && i < count; i++) napi_get_value_uint32(env, arguments[i], &call.values[i]);
  return call;
}

static float *floats(const Call *call, int index) { return (float *)(call->base + call->values[index]); }

/* Distances come in bytes, as WebAssembly has them. */
static size_t distance(const Call *call, int index) { return call->values[index] / sizeof(float); }

static int number(const Call *call, int index) { return (int)call->values[index]; }

static const Step *stepAt(const Call *call, int index) {
  return call->values[index] ? (const Step *)(call->base + call->values[index]) : NULL;
}

static napi_value forward(napi_env env, napi_callback_info info) {
  const Call c = readCall(env, info);
  c.kernels->forward(floats(&c, 1), distance(&c, 2), floats(&c, 3), number(&c, 4), number(&c, 5), number(&c, 6),
                     floats(&c, 7));
  return NULL;
}

static napi_value inputGradient(napi_env env, napi_callback_info info) {
  const Call c = readCall(env, info);
  c.kernels->inputGradient(floats(&c, 1), floats(&c, 2), number(&c, 3), number(&c, 4), number(&c, 5), floats(&c, 6),
                           distance(&c, 7), floats(&c, 8), floats(&c, 9));
  return NULL;
}

static napi_value layerGradient(napi_env env, napi_callback_info info) {
  const Call c = readCall(env, info);
  c.kernels->layerGradient(floats(&c, 1), distance(&c, 2), floats(&c, 3), number(&c, 4), floats(&c, 5), number(&c, 6),
                           number(&c, 7), floats(&c, 8), floats(&c, 9), floats(&c, 10), stepAt(&c, 11), number(&c, 12));
  return NULL;
}

static napi_value update(napi_env env, napi_callback_info info) {
  const Call c = readCall(env, info);
  c.kernels->update(floats(&c, 1), floats(&c, 2), floats(&c, 3), floats(&c, 4), distance(&c, 5), stepAt(&c, 6));
  return NULL;
}

static napi_value multiplyAddLoop(napi_env env, napi_callback_info info) {
  const Call c = readCall(env, info);
  napi_value result;
  napi_create_double(env, c.kernels->multiplyAddLoop(number(&c, 1), 1e-3f, 1e-3f), &result);
  return result;
}

/* Where an ArrayBuffer is, as a number. */
static napi_value addressOf(napi_env env, napi_callback_info info) {
  napi_value buffer, result;
  size_t count = 1, length;
  void *data = NULL;
  napi_get_cb_info(env, info, &count, &buffer, NULL, NULL);
  napi_get_arraybuffer_info(env, buffer, &data, &length);
  napi_create_double(env, (double)(uintptr_t)data, &result);
  return result;
}

static void offer(napi_env env, napi_value to, const char *name, napi_callback callback, const Kernels *kernels) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, (void *)kernels, &function);
  napi_set_named_property(env, to, name, function);
}

static void offerKernels(napi_env env, napi_value exports, const char *name, const Kernels *kernels) {
  napi_value object, loopSize;
  napi_create_object(env, &object);
  offer(env, object, "forward", forward, kernels);
  offer(env, object, "inputGradient", inputGradient, kernels);
  offer(env, object, "layerGradient", layerGradient, kernels);
  offer(env, object, "update", update, kernels);
  offer(env, object, "multiplyAddLoop", multiplyAddLoop, kernels);
  napi_create_int32(env, kernels->loopSize, &loopSize);
  napi_set_named_property(env, object, "loopSize", loopSize);
  napi_set_named_property(env, exports, name, object);
}

NAPI_MODULE_INIT() {
  napi_value sources;
  napi_create_string_utf8(env, SOURCES, NAPI_AUTO_LENGTH, &sources);
  napi_set_named_property(env, exports, "sources", sources);
  offer(env, exports, "addressOf", addressOf, NULL);
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    offerKernels(env, exports, "avx2", &kernelsAvx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      offerKernels(env, exports, "avx512", &kernelsAvx512);
  }
  return exports;
}
