/**
 * Products and steps that the kernels in ../native/ do, where this processor has wider registers than WebAssembly. Their results
 * have the same bits as those of relaxed SIMD, so only speed depends on what is done where; the plain build has no such calls.
 */
@external('native', 'forward')
declare function callForward(
  base: f64,
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  columns: i32,
  rows: i32,
  z: usize,
): void;

@external('native', 'inputGradient')
declare function callInputGradient(
  base: f64,
  d: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  rows: i32,
  slopes: usize,
  stride: usize,
  transposed: usize,
  e: usize,
): void;

@external('native', 'layerGradient')
declare function callLayerGradient(
  base: f64,
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  d: usize,
  columns: i32,
  batch: i32,
  g: usize,
  first: usize,
  second: usize,
  step: usize,
  accumulate: bool,
): void;

@external('native', 'update')
declare function callUpdate(
  base: f64,
  w: usize,
  g: usize,
  first: usize,
  second: usize,
  bytes: usize,
  step: usize,
): void;

/** Where the memory of this module starts for native code; 0: there are no kernels. */
let base: f64 = 0;
/** Multiply-adds, and bytes of weights, from which on a call is worth its cost. */
let leastWork: i64 = 0;
let leastBytes: usize = 0;

/** To be called again before anything else when the memory may have grown. */
export function useNative(newBase: f64, newLeastWork: i32, newLeastBytes: i32): void {
  base = newBase;
  leastWork = <i64>newLeastWork;
  leastBytes = newLeastBytes;
}

@inline
export function hasNative(): bool {
  return ASC_FEATURE_RELAXED_SIMD && base !== 0;
}

@inline
function isWorthIt(inputs: i32, outputs: i32, rows: i32): bool {
  return hasNative() && <i64>inputs * <i64>outputs * <i64>rows >= leastWork;
}

/** The kernels take two panels at a time and leave the last columns. */
@inline
function columnsOf(inputs: i32, outputs: i32, rows: i32): i32 {
  const columns = outputs & ~15;
  return isWorthIt(inputs, columns, rows) ? columns : 0;
}

/** Returns how many columns are done, from the first one on. */
export function nativeForward(
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  rows: i32,
  z: usize,
): i32 {
  const columns = columnsOf(inputs, outputs, rows);
  if (columns > 0) callForward(base, a, stride, w, inputs, columns, rows, z);
  return columns;
}

/** Returns whether it is done. `transposed` is a place to work in. */
export function nativeInputGradient(
  d: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  rows: i32,
  slopes: usize,
  stride: usize,
  transposed: usize,
  e: usize,
): bool {
  if (!isWorthIt(inputs, outputs, rows)) return false;
  callInputGradient(base, d, w, inputs, outputs, rows, slopes, stride, transposed, e);
  return true;
}

/** Returns how many columns are done. With `step` their weights have moved, with 0 their gradients are in or added to `g`. */
export function nativeLayerGradient(
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  d: usize,
  outputs: i32,
  batch: i32,
  g: usize,
  first: usize,
  second: usize,
  step: usize,
  accumulate: bool,
): i32 {
  const columns = columnsOf(inputs, outputs, batch);
  if (columns > 0) {
    callLayerGradient(base, a, stride, w, inputs, d, columns, batch, g, first, second, step, accumulate);
  }
  return columns;
}

/** Returns how many bytes of the weights are done. */
export function nativeUpdate(
  w: usize,
  g: usize,
  first: usize,
  second: usize,
  bytes: usize,
  step: usize,
): usize {
  if (!hasNative() || bytes < leastBytes) return 0;
  const done = bytes & ~63;
  callUpdate(base, w, g, first, second, done, step);
  return done;
}
