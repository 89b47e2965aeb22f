import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../../backends.ts';
import { chain } from './layer.ts';
import type { Layer, WeightStore } from './layer.ts';

interface Projection {
  /** Place in the store. */
  readonly at: number;
  readonly nInputs: number;
  readonly nUnits: number;
}

/** What the layers make of their input, plus the input itself or, where widths differ, inputs · projection. */
export function createResidual(
  tf: Tfjs,
  store: WeightStore,
  layers: readonly Layer[],
  projection: Projection | null,
): Layer {
  const inner = chain(layers);
  return {
    forward(input, place) {
      const pass = inner.forward(input, place);
      const matrix =
        projection &&
        tf.tensor2d(store.weights[projection.at] as Float32Array, [
          projection.nInputs,
          projection.nUnits,
        ]);
      const skipped: Tensor2D = matrix ? tf.matMul(input, matrix) : input;
      return {
        output: tf.add(pass.output, skipped),
        backward(gradient) {
          const ofInner = pass.backward(gradient) as Tensor2D;
          if (!matrix) return tf.add(ofInner, gradient);
          const ofMatrix = tf.matMul(input, gradient, true, false);
          store.gradients[projection.at] = ofMatrix.dataSync() as Float32Array;
          return tf.add(ofInner, tf.matMul(gradient, matrix, false, true));
        },
      };
    },
  };
}
