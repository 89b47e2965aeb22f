/** The functions of test/fixtures/optuna/sampler_quality.json: known landscapes on which samplers are compared. */
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import type { Trial } from '../../src-main/tuner/trial/trial.ts';

export interface TestFunction {
  readonly name: string;
  readonly direction: StudyDirection;
  readonly optimum: number;
  /** Suggests the parameters and gives the value. */
  objective(trial: Trial): Promise<number>;
}

/** A function of real numbers, with their ranges. */
export interface RealFunction extends TestFunction {
  readonly bounds: readonly (readonly [low: number, high: number])[];
  value(x: readonly number[]): number;
}

function minimized(
  name: string,
  optimum: number,
  bounds: RealFunction['bounds'],
  value: RealFunction['value'],
): RealFunction {
  return {
    name,
    direction: 'minimize',
    optimum,
    bounds,
    value,
    async objective(trial) {
      const x: number[] = [];
      for (const [i, [low, high]] of bounds.entries())
        x.push(await trial.suggestFloat(`x${i}`, low, high));
      return value(x);
    },
  };
}

const times = <T>(n: number, item: T): T[] => new Array<T>(n).fill(item);
const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);

/** Hartmann's six-dimensional function: four wells of depth c, shape A and centre P. */
const hartmann = {
  c: [1, 1.2, 3, 3.2],
  A: [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  P: [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
};

export const realFunctions: readonly RealFunction[] = [
  minimized('sphere2d', 0, times(2, [-5, 10]), (x) => sum(x.map((value) => value ** 2))),
  minimized(
    'rosenbrock2d',
    0,
    times(2, [-2.048, 2.048]),
    ([x = 0, y = 0]) => 100 * (y - x ** 2) ** 2 + (1 - x) ** 2,
  ),
  minimized(
    'branin',
    0.39788735772973816,
    [
      [-5, 10],
      [0, 15],
    ],
    ([x = 0, y = 0]) =>
      (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10,
  ),
  minimized('hartmann6', -3.322368011391339, times(6, [0, 1]), (x) => {
    const { c, A, P } = hartmann;
    return -sum(
      c.map((depth, i) => {
        const distance = x.map(
          (value, k) => (A[i]?.[k] as number) * (value - (P[i]?.[k] as number)) ** 2,
        );
        return depth * Math.exp(-sum(distance));
      }),
    );
  }),
  minimized('ackley5d', 0, times(5, [-16, 32]), (x) => {
    const square = sum(x.map((value) => value ** 2)) / x.length;
    const cosine = sum(x.map((value) => Math.cos(2 * Math.PI * value))) / x.length;
    return -20 * Math.exp(-0.2 * Math.sqrt(square)) - Math.exp(cosine) + 20 + Math.E;
  }),
];

const widths = [32, 64, 128, 256];

/** A stand-in for the notebook's study, with its conditional space; see test/fixtures/optuna/README.md. */
export function mixedValue(params: {
  /** Widths of the layers, first to last. */
  dims: readonly number[];
  weightDecay: number;
  learningRate: number;
  dropoutRate: number;
}): number {
  const indices = params.dims.map((dim) => widths.indexOf(dim));
  const nLayers = indices.length;
  const capacity = sum(indices.map((index) => index + 1));
  const r = params.learningRate / (0.02 / nLayers);
  const rateLoss = (r + 1 / r - 2) / (r + 1 / r + 8);
  const q = params.weightDecay / 0.0003;
  const decayLoss = (q + 1 / q - 2) / (q + 1 / q + 30);
  const dropoutLoss = (params.dropoutRate - 0.04 * capacity) ** 2;
  const capacityLoss = (capacity - 6) ** 2 / 36;
  const nWidening = indices.filter(
    (index, i) => i > 0 && index > (indices[i - 1] as number),
  ).length;
  return (
    1 -
    0.5 * rateLoss -
    0.1 * decayLoss -
    0.5 * dropoutLoss -
    0.15 * capacityLoss -
    0.02 * nWidening
  );
}

const mixed: TestFunction = {
  name: 'mixed',
  direction: 'maximize',
  optimum: 1,
  async objective(trial) {
    const nLayers = await trial.suggestInt('n_layers', 1, 3);
    const dims: number[] = [];
    for (let i = 0; i < nLayers; i++)
      dims.push(await trial.suggestCategorical(`hidden_dim_layer_${i}`, widths));
    return mixedValue({
      dims,
      weightDecay: await trial.suggestFloat('weight_decay', 1e-5, 1e-2, { log: true }),
      learningRate: await trial.suggestFloat('learning_rate', 1e-5, 1e-1, { log: true }),
      dropoutRate: await trial.suggestFloat('dropout_rate', 0, 0.5),
    });
  },
};

export const testFunctions: readonly TestFunction[] = [...realFunctions, mixed];
