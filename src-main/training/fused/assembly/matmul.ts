/**
 * The three matrix products of a dense layer on column panels (see layout.ts). Every inner loop keeps a tile of
 * eight vectors in registers, as many as two multiply-add units with a latency of four cycles need, and is left
 * rolled: V8 spills registers when it is unrolled by hand. Native kernels do what they can before.
 *
 * `stride` is the distance in bytes between two panels of activations: rows padded to 8, times 32.
 */
import { nativeForward, nativeInputGradient } from './native';
import { madd } from './simd';

/** Of `columns` columns in panels of eight, with their bias row. */
@inline
export function weightBytes(inputs: i32, columns: i32): usize {
  return (<usize>inputs + 1) * <usize>columns << 2;
}

/** z = [a, 1] w. `inputs` is a multiple of 4; rows are rounded up to the tile. */
export function forward(
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  rows: i32,
  z: usize,
): void {
  const done = nativeForward(a, stride, w, inputs, outputs, rows, z);
  w += weightBytes(inputs, done);
  z += <usize>(done >> 3) * stride;
  outputs -= done;
  const rowsEnd = <usize>rows << 5;
  for (; outputs > 4; outputs -= 8) {
    for (let row: usize = 0; row < rowsEnd; row += 4 << 5) {
      forward4x8(a + row, stride, w, inputs, z + row);
    }
    w += (<usize>inputs + 1) << 5;
    z += stride;
  }
  if (outputs > 0) {
    for (let row: usize = 0; row < rowsEnd; row += 8 << 5) {
      forward8x4(a + row, stride, w, inputs, z + row);
    }
  }
}

function forward4x8(a: usize, stride: usize, w: usize, inputs: i32, z: usize): void {
  const bias = w + (<usize>inputs << 5);
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  for (; w < bias; a += stride - 32) {
    for (let end = min(w + 256, bias); w < end; a += 4, w += 32) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const a0 = v128.load32_splat(a);
      c00 = madd(a0, w0, c00);
      c01 = madd(a0, w1, c01);
      const a1 = v128.load32_splat(a, 32);
      c10 = madd(a1, w0, c10);
      c11 = madd(a1, w1, c11);
      const a2 = v128.load32_splat(a, 64);
      c20 = madd(a2, w0, c20);
      c21 = madd(a2, w1, c21);
      const a3 = v128.load32_splat(a, 96);
      c30 = madd(a3, w0, c30);
      c31 = madd(a3, w1, c31);
    }
  }
  v128.store(z, c00);
  v128.store(z, c01, 16);
  v128.store(z, c10, 32);
  v128.store(z, c11, 48);
  v128.store(z, c20, 64);
  v128.store(z, c21, 80);
  v128.store(z, c30, 96);
  v128.store(z, c31, 112);
}

/** The last panel, when at most four columns are left: its weights are packed four wide. */
function forward8x4(a: usize, stride: usize, w: usize, inputs: i32, z: usize): void {
  const bias = w + (<usize>inputs << 4);
  let c0 = v128.load(bias);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  let c4 = c0;
  let c5 = c0;
  let c6 = c0;
  let c7 = c0;
  for (; w < bias; a += stride - 32) {
    for (let end = min(w + 128, bias); w < end; a += 4, w += 16) {
      const w0 = v128.load(w);
      c0 = madd(v128.load32_splat(a), w0, c0);
      c1 = madd(v128.load32_splat(a, 32), w0, c1);
      c2 = madd(v128.load32_splat(a, 64), w0, c2);
      c3 = madd(v128.load32_splat(a, 96), w0, c3);
      c4 = madd(v128.load32_splat(a, 128), w0, c4);
      c5 = madd(v128.load32_splat(a, 160), w0, c5);
      c6 = madd(v128.load32_splat(a, 192), w0, c6);
      c7 = madd(v128.load32_splat(a, 224), w0, c7);
    }
  }
  const zero = f32x4.splat(0);
  v128.store(z, c0);
  v128.store(z, zero, 16);
  v128.store(z, c1, 32);
  v128.store(z, zero, 48);
  v128.store(z, c2, 64);
  v128.store(z, zero, 80);
  v128.store(z, c3, 96);
  v128.store(z, zero, 112);
  v128.store(z, c4, 128);
  v128.store(z, zero, 144);
  v128.store(z, c5, 160);
  v128.store(z, zero, 176);
  v128.store(z, c6, 192);
  v128.store(z, zero, 208);
  v128.store(z, c7, 224);
  v128.store(z, zero, 240);
}

/**
 * Gradient of `rows` weight rows from `firstInput` on, for the `width` (8 or 4) columns of one panel:
 * g = a^T d over `batch` rows, or g += a^T d. `d` points to that panel.
 */
export function weightGradient(
  a: usize,
  stride: usize,
  firstInput: i32,
  rows: i32,
  d: usize,
  width: i32,
  batch: i32,
  g: usize,
  accumulate: bool,
): void {
  for (let i = firstInput, end = firstInput + rows; i < end; i += 4) {
    const column = a + <usize>(i >> 3) * stride + (<usize>(i & 4) << 2);
    if (width === 8) {
      weightGradient4x8(column, d, batch, g, accumulate);
      g += 128;
    } else {
      weightGradient4x4(column, d, batch, g, accumulate);
      g += 64;
    }
  }
}

function weightGradient4x8(a: usize, d: usize, batch: i32, g: usize, accumulate: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (accumulate) {
    c00 = v128.load(g);
    c01 = v128.load(g, 16);
    c10 = v128.load(g, 32);
    c11 = v128.load(g, 48);
    c20 = v128.load(g, 64);
    c21 = v128.load(g, 80);
    c30 = v128.load(g, 96);
    c31 = v128.load(g, 112);
  }
  for (let end = a + (<usize>batch << 5); a < end; a += 32, d += 32) {
    const d0 = v128.load(d);
    const d1 = v128.load(d, 16);
    const a0 = v128.load32_splat(a);
    c00 = madd(a0, d0, c00);
    c01 = madd(a0, d1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = madd(a1, d0, c10);
    c11 = madd(a1, d1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = madd(a2, d0, c20);
    c21 = madd(a2, d1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = madd(a3, d0, c30);
    c31 = madd(a3, d1, c31);
  }
  v128.store(g, c00);
  v128.store(g, c01, 16);
  v128.store(g, c10, 32);
  v128.store(g, c11, 48);
  v128.store(g, c20, 64);
  v128.store(g, c21, 80);
  v128.store(g, c30, 96);
  v128.store(g, c31, 112);
}

function weightGradient4x4(a: usize, d: usize, batch: i32, g: usize, accumulate: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  if (accumulate) {
    c0 = v128.load(g);
    c1 = v128.load(g, 16);
    c2 = v128.load(g, 32);
    c3 = v128.load(g, 48);
  }
  for (let end = a + (<usize>batch << 5); a < end; a += 32, d += 32) {
    const d0 = v128.load(d);
    c0 = madd(v128.load32_splat(a), d0, c0);
    c1 = madd(v128.load32_splat(a, 4), d0, c1);
    c2 = madd(v128.load32_splat(a, 8), d0, c2);
    c3 = madd(v128.load32_splat(a, 12), d0, c3);
  }
  v128.store(g, c0);
  v128.store(g, c1, 16);
  v128.store(g, c2, 32);
  v128.store(g, c3, 48);
}

/** Gradient of the bias row: column sums of one panel. */
export function biasGradient(d: usize, width: i32, batch: i32, g: usize, accumulate: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  if (accumulate) {
    c0 = v128.load(g);
    if (width === 8) c1 = v128.load(g, 16);
  }
  for (let end = d + (<usize>batch << 5); d < end; d += 32) {
    c0 = f32x4.add(c0, v128.load(d));
    c1 = f32x4.add(c1, v128.load(d, 16));
  }
  v128.store(g, c0);
  if (width === 8) v128.store(g, c1, 16);
}

/**
 * Rows to columns: `t` gets, for every 8 rows, [outputs][8 rows]. This is the form in which `inputGradient`
 * reads the gradient, so that the weights never need a transposed copy.
 */
function transposeGradient(d: usize, stride: usize, outputs: i32, rows: i32, t: usize): void {
  for (let rowsLeft = rows; rowsLeft > 0; rowsLeft -= 8, d += 256) {
    for (let o = 0; o < outputs; o += 4) {
      const source = d + <usize>(o >> 3) * stride + (<usize>(o & 4) << 2);
      transpose4x4(source, 32, t, 32);
      transpose4x4(source + 128, 32, t + 16, 32);
      t += 128;
    }
  }
}

@inline
function transpose4x4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride);
  const d = v128.load(from + 3 * fromStride);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/**
 * Gradient with respect to the layer below: e = (d w^T) * slopes. `slopes` and `e` are panels of `inputs` columns,
 * `transposed` is a place to work in.
 */
export function inputGradient(
  d: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  rows: i32,
  slopes: usize,
  transposed: usize,
  e: usize,
): void {
  if (nativeInputGradient(d, w, inputs, outputs, rows, slopes, stride, transposed, e)) return;
  transposeGradient(d, stride, outputs, rows, transposed);
  const blockBytes = <usize>((outputs + 3) & ~3) << 5;
  for (let i = 0; i < inputs; i += 4) {
    const column = <usize>(i >> 3) * stride + (<usize>(i & 4) << 2);
    let block = transposed;
    for (let row: usize = 0, end = <usize>rows << 5; row < end; row += 256) {
      inputGradient4x8(block, w, inputs, i, outputs, slopes + column + row, e + column + row);
      block += blockBytes;
    }
  }
}

function inputGradient4x8(
  t: usize,
  w: usize,
  inputs: i32,
  input: i32,
  outputs: i32,
  slopes: usize,
  e: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; outputs > 4; outputs -= 8) {
    let p = w + (<usize>input << 5);
    for (let end = p + (<usize>min(outputs, 8) << 2); p < end; p += 4, t += 32) {
      const t0 = v128.load(t);
      const t1 = v128.load(t, 16);
      const w0 = v128.load32_splat(p);
      c00 = madd(w0, t0, c00);
      c01 = madd(w0, t1, c01);
      const w1 = v128.load32_splat(p, 32);
      c10 = madd(w1, t0, c10);
      c11 = madd(w1, t1, c11);
      const w2 = v128.load32_splat(p, 64);
      c20 = madd(w2, t0, c20);
      c21 = madd(w2, t1, c21);
      const w3 = v128.load32_splat(p, 96);
      c30 = madd(w3, t0, c30);
      c31 = madd(w3, t1, c31);
    }
    w += (<usize>inputs + 1) << 5;
  }
  if (outputs > 0) {
    let p = w + (<usize>input << 4);
    for (let end = p + (<usize>outputs << 2); p < end; p += 4, t += 32) {
      const t0 = v128.load(t);
      const t1 = v128.load(t, 16);
      const w0 = v128.load32_splat(p);
      c00 = madd(w0, t0, c00);
      c01 = madd(w0, t1, c01);
      const w1 = v128.load32_splat(p, 16);
      c10 = madd(w1, t0, c10);
      c11 = madd(w1, t1, c11);
      const w2 = v128.load32_splat(p, 32);
      c20 = madd(w2, t0, c20);
      c21 = madd(w2, t1, c21);
      const w3 = v128.load32_splat(p, 48);
      c30 = madd(w3, t0, c30);
      c31 = madd(w3, t1, c31);
    }
  }
  scaledTranspose(c00, c10, c20, c30, slopes, e);
  scaledTranspose(c01, c11, c21, c31, slopes + 128, e + 128);
}

/** Stores the columns a, b, c, d as four rows, each multiplied by its slopes. */
@inline
function scaledTranspose(a: v128, b: v128, c: v128, d: v128, slopes: usize, e: usize): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  storeScaled(v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5), slopes, e);
  storeScaled(v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), slopes + 32, e + 32);
  storeScaled(v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), slopes + 64, e + 64);
  storeScaled(v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), slopes + 96, e + 96);
}

@inline
function storeScaled(x: v128, slopes: usize, e: usize): void {
  v128.store(e, f32x4.mul(x, v128.load(slopes)));
}
