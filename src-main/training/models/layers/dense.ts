import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../../backends.ts';
import { dropoutMask } from '../../fused/dropout-mask.ts';
import type { TfjsActivation } from './activations.ts';
import type { Layer, WeightStore } from './layer.ts';

export interface DenseOptions {
  /** Place of the kernel in the store; the bias follows. */
  readonly at: number;
  readonly nInputs: number;
  readonly nUnits: number;
  /** Applied to the sums. */
  readonly activation: TfjsActivation;
  /** Its input are the rows themselves, which need no gradient. */
  readonly isFirst: boolean;
}

/** activation(inputs · kernel + bias). */
export function createDense(
  tf: Tfjs,
  store: WeightStore,
  { at, nInputs, nUnits, activation, isFirst }: DenseOptions,
): Layer {
  return {
    forward(input) {
      const kernel = tf.tensor2d(store.weights[at] as Float32Array, [nInputs, nUnits]);
      const sum = tf.fused.matMul({
        a: input,
        b: kernel,
        bias: tf.tensor1d(store.weights[at + 1] as Float32Array),
        activation: activation.fused,
      }) as Tensor2D;
      const output = activation.fused ? sum : activation.apply(sum);
      return {
        output,
        backward(gradient) {
          const slope = activation.slope(sum, output);
          const ofSum = slope ? tf.mul(gradient, slope) : gradient;
          store.gradients[at] = tf.matMul(input, ofSum, true, false).dataSync() as Float32Array;
          store.gradients[at + 1] = tf.sum(ofSum, 0).dataSync() as Float32Array;
          return isFirst ? null : tf.matMul(ofSum, kernel, false, true);
        },
      };
    },
  };
}

export function createActivationLayer(tf: Tfjs, activation: TfjsActivation): Layer {
  return {
    forward(input) {
      const output = activation.apply(input);
      return {
        output,
        backward(gradient) {
          const slope = activation.slope(input, output);
          return slope ? tf.mul(gradient, slope) : gradient;
        },
      };
    },
  };
}

/** @param layer Counted from 0; with the seed and the batch it decides which units are dropped. */
export function createDropout(tf: Tfjs, seed: number, layer: number, rate: number): Layer {
  return {
    forward(input, place) {
      if (!place) return { output: input, backward: (gradient) => gradient };
      const [nRows, nUnits] = input.shape;
      const mask = tf.tensor2d(dropoutMask({ seed, ...place, layer, rate, nRows, nUnits }), [
        nRows,
        nUnits,
      ]);
      return { output: tf.mul(input, mask), backward: (gradient) => tf.mul(gradient, mask) };
    },
  };
}
