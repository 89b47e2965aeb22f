/**
 * Loads the tfjs-node in the folder given as argument, multiplies matrices, takes a gradient and reads
 * both back. Ends with an error unless the numbers are right.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import util from 'node:util';

interface Tensor {
  dataSync(): Float32Array;
  sum(): Tensor;
}
interface Tensorflow {
  getBackend(): string;
  tensor2d(rows: number[][]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  grad(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor;
}

// tfjs-node 4.22 calls two functions that Node 23 removed.
Object.assign(util, {
  isNullOrUndefined: (value: unknown): boolean => value == null,
  isArray: Array.isArray,
});

const [packageDir = ''] = process.argv.slice(2);
const tf = createRequire(import.meta.url)(packageDir) as Tensorflow;

assert.equal(tf.getBackend(), 'tensorflow');
const x = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
assert.deepEqual([...tf.matMul(x, x).dataSync()], [7, 10, 15, 22]);
// By hand: the gradient of the sum of X X is 1 Xᵀ + Xᵀ 1, where 1 is all ones.
const gradient = tf.grad((y) => tf.matMul(y, y).sum())(x);
assert.deepEqual([...gradient.dataSync()], [7, 11, 9, 13]);
