/**
 * Optimizers over plain arrays, the same for every backend. Each follows the update rule of PyTorch's class of that name (checked
 * against its numbers in the tests), with its state in float32 and arithmetic in float64.
 *
 * w: a weight, g: its gradient, t: the step counted from 1.
 */
import type { OptimizerPlan } from '../plan.ts';

export interface Optimizer {
  /** One step: changes `weights` in place. Lists and lengths are the same in every call; `gradients` may be overwritten. */
  step(
    weights: readonly Float32Array[],
    gradients: readonly Float32Array[],
    learningRate: number,
  ): void;
}

/** @param sizes Lengths of the weight arrays. */
export function createOptimizer(plan: OptimizerPlan, sizes: readonly number[]): Optimizer {
  const rule = createRule(plan);
  const states = sizes.map((size) =>
    Array.from({ length: rule.nStates }, () => new Float32Array(size)),
  );
  let t = 0;
  return {
    step(weights, gradients, learningRate) {
      if (plan.l1 > 0) addL1(weights, gradients, plan.l1);
      if (plan.clipNorm > 0) clip(gradients, plan.clipNorm);
      const update = rule.begin(++t, learningRate);
      weights.forEach((w, i) =>
        update(w, gradients[i] as Float32Array, states[i] as Float32Array[]),
      );
    },
  };
}

/** The derivative of l1 times the sum of all sizes; 0 where a weight is 0. */
function addL1(
  weights: readonly Float32Array[],
  gradients: readonly Float32Array[],
  l1: number,
): void {
  weights.forEach((w, i) => {
    const g = gradients[i] as Float32Array;
    for (let k = 0; k < w.length; k++) g[k] = (g[k] as number) + l1 * Math.sign(w[k] as number);
  });
}

/** Scales all gradients together so that their norm is at most `limit`, as PyTorch's clip_grad_norm_ does. */
function clip(gradients: readonly Float32Array[], limit: number): void {
  let squares = 0;
  for (const g of gradients) for (const value of g) squares += value * value;
  const scale = limit / (Math.sqrt(squares) + 1e-6);
  // Not `scale < 1`: a norm that is not a number is to be seen in the weights.
  if (scale >= 1) return;
  for (const g of gradients) for (let k = 0; k < g.length; k++) g[k] = (g[k] as number) * scale;
}

type Update = (w: Float32Array, g: Float32Array, state: readonly Float32Array[]) => void;

interface Rule {
  /** State arrays per weight array, starting at 0. */
  readonly nStates: number;
  /** What depends on the step alone, and the loop over one array. */
  begin(t: number, learningRate: number): Update;
}

function createRule(plan: OptimizerPlan): Rule {
  switch (plan.type) {
    case 'adam':
    case 'adamW':
      return adam(plan);
    case 'nadam':
      return nadam(plan);
    case 'sgd':
      return sgd(plan);
    case 'rmsprop':
      return rmsprop(plan);
    case 'adagrad':
      return adagrad(plan);
  }
}

/** Kingma & Ba 2015; `adamW` with the decoupled weight decay of Loshchilov & Hutter 2019. */
function adam({ type, weightDecay, beta1, beta2, epsilon }: OptimizerPlan): Rule {
  const isDecoupled = type === 'adamW';
  return {
    nStates: 2,
    begin(t, learningRate) {
      const stepSize = learningRate / (1 - beta1 ** t);
      const rootCorrection = Math.sqrt(1 - beta2 ** t);
      const decay = isDecoupled ? 0 : weightDecay;
      const shrink = isDecoupled ? 1 - learningRate * weightDecay : 1;
      return (w, g, state) => {
        const [m, v] = state as [Float32Array, Float32Array];
        for (let i = 0; i < w.length; i++) {
          const wi = w[i] as number;
          const gi = (g[i] as number) + decay * wi;
          const mi = (m[i] as number) + (1 - beta1) * (gi - (m[i] as number));
          const vi = beta2 * (v[i] as number) + (1 - beta2) * gi * gi;
          m[i] = mi;
          v[i] = vi;
          w[i] = shrink * wi - (stepSize * mi) / (Math.sqrt(vi) / rootCorrection + epsilon);
        }
      };
    },
  };
}

/** Dozat 2016, with PyTorch's momentum schedule (`momentum_decay` 0.004). */
function nadam({ weightDecay, beta1, beta2, epsilon }: OptimizerPlan): Rule {
  const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * 0.004));
  let product = 1;
  return {
    nStates: 2,
    begin(t, learningRate) {
      const mu = momentumAt(t);
      const nextMu = momentumAt(t + 1);
      product *= mu;
      const gradientStep = (learningRate * (1 - mu)) / (1 - product);
      const momentumStep = (learningRate * nextMu) / (1 - product * nextMu);
      const correction = 1 - beta2 ** t;
      return (w, g, state) => {
        const [m, v] = state as [Float32Array, Float32Array];
        for (let i = 0; i < w.length; i++) {
          const wi = w[i] as number;
          const gi = (g[i] as number) + weightDecay * wi;
          const mi = (m[i] as number) + (1 - beta1) * (gi - (m[i] as number));
          const vi = beta2 * (v[i] as number) + (1 - beta2) * gi * gi;
          m[i] = mi;
          v[i] = vi;
          w[i] =
            wi - (gradientStep * gi + momentumStep * mi) / (Math.sqrt(vi / correction) + epsilon);
        }
      };
    },
  };
}

/** With momentum, the first step starts it with the gradient itself (PyTorch's rule, dampening 0). */
function sgd({ weightDecay, momentum, nesterov }: OptimizerPlan): Rule {
  return {
    nStates: momentum > 0 ? 1 : 0,
    begin: (_t, learningRate) => (w, g, state) => {
      const b = state[0];
      for (let i = 0; i < w.length; i++) {
        const wi = w[i] as number;
        let change = (g[i] as number) + weightDecay * wi;
        if (b) {
          const bi = momentum * (b[i] as number) + change;
          b[i] = bi;
          change = nesterov ? change + momentum * bi : bi;
        }
        w[i] = wi - learningRate * change;
      }
    },
  };
}

/** Hinton's lecture of 2012; not centered. */
function rmsprop({ weightDecay, momentum, alpha, epsilon }: OptimizerPlan): Rule {
  return {
    nStates: momentum > 0 ? 2 : 1,
    begin: (_t, learningRate) => (w, g, state) => {
      const [v, b] = state as [Float32Array, Float32Array | undefined];
      for (let i = 0; i < w.length; i++) {
        const wi = w[i] as number;
        const gi = (g[i] as number) + weightDecay * wi;
        const vi = alpha * (v[i] as number) + (1 - alpha) * gi * gi;
        v[i] = vi;
        let change = gi / (Math.sqrt(vi) + epsilon);
        if (b) {
          change += momentum * (b[i] as number);
          b[i] = change;
        }
        w[i] = wi - learningRate * change;
      }
    },
  };
}

/** Duchi, Hazan & Singer 2011. */
function adagrad({ weightDecay, epsilon }: OptimizerPlan): Rule {
  return {
    nStates: 1,
    begin: (_t, learningRate) => (w, g, state) => {
      const [v] = state as [Float32Array];
      for (let i = 0; i < w.length; i++) {
        const wi = w[i] as number;
        const gi = (g[i] as number) + weightDecay * wi;
        const vi = (v[i] as number) + gi * gi;
        v[i] = vi;
        w[i] = wi - (learningRate * gi) / (Math.sqrt(vi) + epsilon);
      }
    },
  };
}
