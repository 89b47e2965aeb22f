/**
 * Losses and their gradients over plain arrays. `outputs` is nRows x nOutputs, row-major: logits for the losses of
 * classification, predictions for the others.
 */
import type { LossPlan } from '../plan.ts';

/** Sums over rows; divide by the number of rows for means. */
export interface Sums {
  /** Of the row's loss (for several outputs their mean; with class weights the weighted mean times the rows), as PyTorch has it. */
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
 * @param targets Class numbers for classification, else nRows x nOutputs.
 * @param gradient Where wanted: gets the derivative of the mean loss by each output.
 */
export function computeLoss(
  plan: LossPlan,
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  gradient?: Float32Array,
): Sums {
  return plan.type === 'crossEntropy' || plan.type === 'focal'
    ? classLoss(plan, outputs, targets, nOutputs, gradient)
    : regressionLoss(plan, outputs, targets, nOutputs, gradient);
}

/**
 * The mean, weighted by the rows' class weights, of -sum of a_c (1 - p_c)^gamma log p_c with a_c = weight of c times its share of the smoothed
 * target. With gamma 0 that is cross-entropy. With u_c = p_c times the derivative of term c by p_c, the gradient is u - p sum(u).
 */
function classLoss(
  { type, gamma, labelSmoothing, classWeights }: LossPlan,
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  gradient?: Float32Array,
): Sums {
  const nRows = targets.length;
  const exponent = type === 'focal' ? gamma : 0;
  const spread = labelSmoothing / nOutputs;
  const weightOf = (label: number): number => classWeights?.[label] ?? 1;
  const totalWeight = classWeights
    ? targets.reduce((sum, label) => sum + weightOf(label), 0)
    : nRows;
  const us = new Float64Array(nOutputs);
  let loss = 0;
  let correct = 0;
  for (let row = 0; row < nRows; row++) {
    const start = row * nOutputs;
    const label = targets[row] as number;
    let best = 0;
    for (let k = 1; k < nOutputs; k++)
      if ((outputs[start + k] as number) > (outputs[start + best] as number)) best = k;
    const max = outputs[start + best] as number;
    let sum = 0;
    for (let k = 0; k < nOutputs; k++) sum += Math.exp((outputs[start + k] as number) - max);
    const logSum = max + Math.log(sum);
    if (best === label) correct++;
    let sumU = 0;
    for (let k = 0; k < nOutputs; k++) {
      const a = weightOf(k) * (spread + (k === label ? 1 - labelSmoothing : 0));
      const logP = (outputs[start + k] as number) - logSum;
      let u = -a;
      if (exponent === 0) {
        if (a !== 0) loss -= a * logP;
      } else {
        const p = Math.exp(logP);
        const rest = Math.max(1 - p, 1e-30);
        const power = rest ** exponent;
        loss -= a * power * logP;
        u = a * (exponent * p * rest ** (exponent - 1) * logP - power);
      }
      us[k] = u;
      sumU += u;
    }
    if (gradient)
      for (let k = 0; k < nOutputs; k++) {
        const p = Math.exp((outputs[start + k] as number) - logSum);
        gradient[start + k] = ((us[k] as number) - p * sumU) / totalWeight;
      }
  }
  return { loss: (loss * nRows) / totalWeight, correct, squaredError: 0, absoluteError: 0 };
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
