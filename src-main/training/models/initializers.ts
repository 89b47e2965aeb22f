import type { Rng } from '../../tuner/math/rng.ts';
import { weightShapes } from '../plan.ts';
import type { NetworkPlan } from '../plan.ts';

/**
 * Weights to start from, in the order of `weightShapes`.
 *
 * `pytorch`: uniform in ±1/sqrt(inputs of the layer), weights and biases alike. That is what PyTorch's Linear does:
 * `kaiming_uniform_(a=sqrt(5))` comes out as this bound.
 */
export function initialWeights(network: NetworkPlan, rng: Rng): Float32Array[] {
  const shapes = weightShapes(network);
  return shapes.map((shape, i) => {
    const matrix = (shape.length === 2 ? shape : shapes[i - 1]) as number[];
    const bound = 1 / Math.sqrt(matrix[0] as number);
    const size = shape.reduce((product, length) => product * length, 1);
    return Float32Array.from({ length: size }, () => bound * (2 * rng.uniform() - 1));
  });
}
