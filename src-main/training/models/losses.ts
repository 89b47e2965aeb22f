/**
 * Losses and their gradients over plain arrays. `outputs` is nRows x nOutputs, row-major: logits for cross-entropy, predictions
 * for the others.
 */
import type { LossPlan } from '../plan.ts';

/** Sums over rows; divide by the number of rows for means. */
export interface Sums {
  /** Of the row's loss (for several outputs their mean, as PyTorch has it). */
  readonly loss: number;
  /** Rows whose largest output is that of their class; 0 for regression. */
  readonly correct: number;
  /** Squared and absolute differences over all outputs; 0 for classification. */
  readonly squaredError: number;
  readonly absoluteError: number;
}

export const noSums: Sums = { loss: 0, correct: 0, squaredError: 0, absoluteError: 0 };

export function addSums(a: Sums, b: Sums): Sums {
  return {
    loss: a.loss + b.loss,
    correct: a.correct + b.correct,
    squaredError: a.squaredError + b.squaredError,
    absoluteError: a.absoluteError + b.absoluteError,
  };
}

/**
 * @param targets Class numbers for cross-entropy, else nRows x nOutputs.
 * @param gradient Where wanted: gets the derivative of the mean loss by each output.
 */
export function computeLoss(
  plan: LossPlan,
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  gradient?: Float32Array,
): Sums {
  return plan.type === 'crossEntropy'
    ? crossEntropy(outputs, targets, nOutputs, gradient)
    : regressionLoss(plan, outputs, targets, nOutputs, gradient);
}

function crossEntropy(
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  gradient?: Float32Array,
): Sums {
  const nRows = targets.length;
  let loss = 0;
  let correct = 0;
  for (let row = 0; row < nRows; row++) {
    const start = row * nOutputs;
    const label = start + (targets[row] as number);
    let best = start;
    for (let k = start + 1; k < start + nOutputs; k++)
      if ((outputs[k] as number) > (outputs[best] as number)) best = k;
    const max = outputs[best] as number;
    let sum = 0;
    for (let k = start; k < start + nOutputs; k++) sum += Math.exp((outputs[k] as number) - max);
    const logSum = max + Math.log(sum);
    loss += logSum - (outputs[label] as number);
    if (best === label) correct++;
    if (gradient)
      for (let k = start; k < start + nOutputs; k++)
        gradient[k] = (Math.exp((outputs[k] as number) - logSum) - (k === label ? 1 : 0)) / nRows;
  }
  return { loss, correct, squaredError: 0, absoluteError: 0 };
}

function regressionLoss(
  { type, delta }: LossPlan,
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  gradient?: Float32Array,
): Sums {
  let loss = 0;
  let squaredError = 0;
  let absoluteError = 0;
  for (let i = 0; i < outputs.length; i++) {
    const difference = (outputs[i] as number) - (targets[i] as number);
    const distance = Math.abs(difference);
    squaredError += difference * difference;
    absoluteError += distance;
    let slope: number;
    switch (type) {
      case 'mae':
        loss += distance;
        slope = Math.sign(difference);
        break;
      case 'huber':
        loss +=
          distance <= delta ? 0.5 * difference * difference : delta * (distance - 0.5 * delta);
        slope = distance <= delta ? difference : delta * Math.sign(difference);
        break;
      default:
        loss += difference * difference;
        slope = 2 * difference;
    }
    if (gradient) gradient[i] = slope / outputs.length;
  }
  return { loss: loss / nOutputs, correct: 0, squaredError, absoluteError };
}
