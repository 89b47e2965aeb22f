/**
 * Batch and layer norm, as `LayerPlan` defines them. Loops over arrays like the losses: the same on every backend, with sums in float64.
 */
import type { Tfjs } from '../../backends.ts';
import { BATCH_NORM_MOMENTUM, NORM_EPSILON } from '../../plan.ts';
import type { Layer, WeightStore } from './layer.ts';

/** @param at Place of the scale in the store; shift, running mean and running variance follow. */
export function createBatchNorm(tf: Tfjs, store: WeightStore, at: number): Layer {
  const statistics = (x: Float32Array, nRows: number, isTraining: boolean): BatchStatistics => {
    const [mean, variance] = [store.weights[at + 2], store.weights[at + 3]] as [
      Float32Array,
      Float32Array,
    ];
    if (!isTraining || nRows === 1) return { mean, variance, isOfBatch: false };
    const ofBatch = momentsOfColumns(x, nRows, mean.length);
    keepRunning(mean, ofBatch.mean, 1);
    keepRunning(variance, ofBatch.variance, nRows / (nRows - 1));
    return { ...ofBatch, isOfBatch: true };
  };
  return {
    forward(input, place) {
      const [nRows, nUnits] = input.shape;
      const [scale, shift] = [store.weights[at], store.weights[at + 1]] as [
        Float32Array,
        Float32Array,
      ];
      const x = input.dataSync() as Float32Array;
      const { mean, variance, isOfBatch } = statistics(x, nRows, place !== null);
      const inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + NORM_EPSILON));
      const normalized = new Float32Array(x.length);
      const output = new Float32Array(x.length);
      for (let i = 0, unit = 0; i < x.length; i++, unit++) {
        if (unit === nUnits) unit = 0;
        const value = ((x[i] as number) - (mean[unit] as number)) * (inverse[unit] as number);
        normalized[i] = value;
        output[i] = value * (scale[unit] as number) + (shift[unit] as number);
      }
      return {
        output: tf.tensor2d(output, input.shape),
        backward(gradient) {
          const dy = gradient.dataSync() as Float32Array;
          const { ofScale, ofShift } = gradientsOfAffine(dy, normalized, nUnits);
          store.gradients[at] = Float32Array.from(ofScale);
          store.gradients[at + 1] = Float32Array.from(ofShift);
          const dx = new Float32Array(dy.length);
          // Moving one input moves the batch's mean and variance too, but not the running ones.
          const share = isOfBatch ? 1 / nRows : 0;
          for (let i = 0, unit = 0; i < dy.length; i++, unit++) {
            if (unit === nUnits) unit = 0;
            const moved =
              (ofShift[unit] as number) + (normalized[i] as number) * (ofScale[unit] as number);
            dx[i] =
              (scale[unit] as number) *
              (inverse[unit] as number) *
              ((dy[i] as number) - share * moved);
          }
          return tf.tensor2d(dx, input.shape);
        },
      };
    },
  };
}

/** @param at Place of the scale in the store; the shift follows. */
export function createLayerNorm(tf: Tfjs, store: WeightStore, at: number): Layer {
  return {
    forward(input) {
      const [nRows, nUnits] = input.shape;
      const [scale, shift] = [store.weights[at], store.weights[at + 1]] as [
        Float32Array,
        Float32Array,
      ];
      const x = input.dataSync() as Float32Array;
      const inverse = new Float64Array(nRows);
      const normalized = new Float32Array(x.length);
      const output = new Float32Array(x.length);
      for (let row = 0; row < nRows; row++) {
        const start = row * nUnits;
        let mean = 0;
        for (let unit = 0; unit < nUnits; unit++) mean += (x[start + unit] as number) / nUnits;
        let variance = 0;
        for (let unit = 0; unit < nUnits; unit++)
          variance += ((x[start + unit] as number) - mean) ** 2 / nUnits;
        const factor = 1 / Math.sqrt(variance + NORM_EPSILON);
        inverse[row] = factor;
        for (let unit = 0; unit < nUnits; unit++) {
          const value = ((x[start + unit] as number) - mean) * factor;
          normalized[start + unit] = value;
          output[start + unit] = value * (scale[unit] as number) + (shift[unit] as number);
        }
      }
      return {
        output: tf.tensor2d(output, input.shape),
        backward(gradient) {
          const dy = gradient.dataSync() as Float32Array;
          const { ofScale, ofShift } = gradientsOfAffine(dy, normalized, nUnits);
          store.gradients[at] = Float32Array.from(ofScale);
          store.gradients[at + 1] = Float32Array.from(ofShift);
          const dx = new Float32Array(dy.length);
          for (let row = 0; row < nRows; row++) {
            const start = row * nUnits;
            let sum = 0;
            let along = 0;
            for (let unit = 0; unit < nUnits; unit++) {
              const scaled = (dy[start + unit] as number) * (scale[unit] as number);
              sum += scaled / nUnits;
              along += (scaled * (normalized[start + unit] as number)) / nUnits;
            }
            for (let unit = 0; unit < nUnits; unit++) {
              const scaled = (dy[start + unit] as number) * (scale[unit] as number);
              dx[start + unit] =
                (inverse[row] as number) *
                (scaled - sum - (normalized[start + unit] as number) * along);
            }
          }
          return tf.tensor2d(dx, input.shape);
        },
      };
    },
  };
}

interface Moments {
  readonly mean: Float32Array | Float64Array;
  readonly variance: Float32Array | Float64Array;
}

interface BatchStatistics extends Moments {
  readonly isOfBatch: boolean;
}

function momentsOfColumns(x: Float32Array, nRows: number, nColumns: number): Moments {
  const mean = new Float64Array(nColumns);
  const variance = new Float64Array(nColumns);
  for (let i = 0, column = 0; i < x.length; i++, column++) {
    if (column === nColumns) column = 0;
    mean[column] = (mean[column] as number) + (x[i] as number) / nRows;
  }
  for (let i = 0, column = 0; i < x.length; i++, column++) {
    if (column === nColumns) column = 0;
    const distance = (x[i] as number) - (mean[column] as number);
    variance[column] = (variance[column] as number) + (distance * distance) / nRows;
  }
  return { mean, variance };
}

/** In place. */
function keepRunning(running: Float32Array, ofBatch: Moments['mean'], factor: number): void {
  for (let i = 0; i < running.length; i++)
    running[i] =
      (1 - BATCH_NORM_MOMENTUM) * (running[i] as number) +
      BATCH_NORM_MOMENTUM * factor * (ofBatch[i] as number);
}

/** Of scale and shift, from the gradient of the output. */
function gradientsOfAffine(
  dy: Float32Array,
  normalized: Float32Array,
  nUnits: number,
): { ofScale: Float64Array; ofShift: Float64Array } {
  const ofScale = new Float64Array(nUnits);
  const ofShift = new Float64Array(nUnits);
  for (let i = 0, unit = 0; i < dy.length; i++, unit++) {
    if (unit === nUnits) unit = 0;
    ofScale[unit] = (ofScale[unit] as number) + (dy[i] as number) * (normalized[i] as number);
    ofShift[unit] = (ofShift[unit] as number) + (dy[i] as number);
  }
  return { ofScale, ofShift };
}
