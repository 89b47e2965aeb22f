import type { SavedModel } from '../saved-model.ts';

/** The output layer of a network for numbers, changed so that these come in the targets' own units. */
export function unstandardizing(
  { network: { nOutputs }, targetScales }: SavedModel,
  kernel: Float32Array,
  bias: Float32Array,
): { kernel: Float32Array; bias: Float32Array } {
  const scaleOf = (output: number) => targetScales?.[output] ?? { mean: 0, scale: 1 };
  return {
    kernel: kernel.map((value, i) => value * scaleOf(i % nOutputs).scale),
    bias: bias.map((value, i) => value * scaleOf(i).scale + scaleOf(i).mean),
  };
}
