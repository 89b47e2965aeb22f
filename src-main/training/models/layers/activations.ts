import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../../backends.ts';
import type { Activation } from '../../vocabulary.ts';

export interface TfjsActivation {
  /** The name under which tfjs does it together with the matrix product, where every backend can. */
  readonly fused?: 'linear' | 'relu';
  apply(x: Tensor2D): Tensor2D;
  /**
   * The derivative; null: 1 everywhere.
   *
   * @param x What it was applied to; with `fused` it is not kept, and the same as `y`.
   * @param y What it gave.
   */
  slope(x: Tensor2D, y: Tensor2D): Tensor2D | null;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473766;
const LEAKY_SLOPE = 0.01;
const INVERSE_SQRT_2_PI = 0.3989422804014327;

/** As PyTorch defines them: the slope of leaky ReLU is 0.01, GELU is the exact one. */
export function createActivations(tf: Tfjs): Record<Activation, TfjsActivation> {
  const normalProbability = (x: Tensor2D): Tensor2D =>
    tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  return {
    linear: { fused: 'linear', apply: (x) => x, slope: () => null },
    relu: { fused: 'relu', apply: (x) => tf.relu(x), slope: (_x, y) => tf.step(y) },
    leakyRelu: {
      apply: (x) => tf.leakyRelu(x, LEAKY_SLOPE),
      slope: (x) => tf.step(x, LEAKY_SLOPE),
    },
    elu: {
      apply: (x) => tf.elu(x),
      // Below 0 it is y + 1; above 0, y + 1 is more than 1.
      slope: (_x, y) => tf.minimum(tf.add(y, 1), 1),
    },
    selu: {
      apply: (x) => tf.selu(x),
      slope: (_x, y) =>
        tf.where(tf.greater(y, 0), tf.fill(y.shape, SELU_SCALE), tf.add(y, SELU_SCALE_ALPHA)),
    },
    tanh: { apply: (x) => tf.tanh(x), slope: (_x, y) => tf.sub(1, tf.square(y)) },
    swish: {
      apply: (x) => tf.mul(x, tf.sigmoid(x)),
      slope: (x, y) => {
        const gate = tf.sigmoid(x);
        return tf.add(gate, tf.mul(y, tf.sub(1, gate)));
      },
    },
    gelu: {
      apply: (x) => tf.mul(x, normalProbability(x)),
      slope: (x) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), INVERSE_SQRT_2_PI);
        return tf.add(normalProbability(x), tf.mul(x, density));
      },
    },
  };
}
