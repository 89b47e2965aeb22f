import type { Tensor2D } from '@tensorflow/tfjs-core';

/** A network's arrays in the order of `weightInfos`, and what the last backward pass found for those that are trained. */
export interface WeightStore {
  readonly weights: readonly Float32Array[];
  readonly gradients: Float32Array[];
}

/** Which batch is trained, counted from 0. */
export interface BatchPlace {
  readonly epoch: number;
  readonly batch: number;
}

/** One layer's part of a forward pass, with all that the way back needs. */
export interface Pass {
  readonly output: Tensor2D;
  /** Stores the gradients of the layer's weights. From the gradient of its output it makes that of its input; null where nobody needs it. */
  backward(gradient: Tensor2D): Tensor2D | null;
}

/** Activations are nRows x width. */
export interface Layer {
  /** @param place null when the network predicts. */
  forward(input: Tensor2D, place: BatchPlace | null): Pass;
}

/** One after the other. */
export function chain(layers: readonly Layer[]): Layer {
  return {
    forward(input, place) {
      const passes: Pass[] = [];
      let output = input;
      for (const layer of layers) {
        const pass = layer.forward(output, place);
        passes.push(pass);
        output = pass.output;
      }
      return {
        output,
        backward: (gradient) =>
          passes.reduceRight<Tensor2D | null>((of, pass) => of && pass.backward(of), gradient),
      };
    },
  };
}
