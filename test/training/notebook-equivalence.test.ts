import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { fusedDenseFactory } from '../../src-main/training/models/fused-dense.ts';
import { runNetworkTrial } from '../../src-main/training/objectives/network.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';

const measures = ['value', 'bestEpoch', 'epochs', 'valLoss'] as const;
type Run = Record<(typeof measures)[number], number>;

interface NotebookCase {
  hidden: number[];
  lr: number;
  weight_decay: number;
  dropout: number;
  /** In the order of `measures`. */
  runs: [number, number, number, number][];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/torch/notebook.json', 'utf8')) as {
  cases: NotebookCase[];
};

const N_RUNS = 500;
const spec = loadSpec('iris');
const data = await loadDataset(spec);

/** One run of the notebook's objective with settled parameters; the trial's number takes the place of PyTorch's seed. */
async function runOurs(number: number, settings: NotebookCase): Promise<Run> {
  const params = {
    n_layers: settings.hidden.length,
    weight_decay: settings.weight_decay,
    learning_rate: settings.lr,
    dropout_rate: settings.dropout,
    ...Object.fromEntries(settings.hidden.map((units, i) => [`hidden_dim_layer_${i}`, units])),
  };
  const trial = new RecordingTrial({ number, params });
  let valLoss = Infinity;
  const value = await runNetworkTrial(
    { spec: spec.spec, data, seed: 1, factory: fusedDenseFactory },
    trial,
    {
      signal: new AbortController().signal,
      onEpoch: (epoch) => {
        valLoss = Math.min(valLoss, epoch.valLoss);
      },
    },
  );
  const { best_epoch: bestEpoch, epochs } = trial.userAttrs;
  return {
    value: value as number,
    bestEpoch: bestEpoch as number,
    epochs: epochs as number,
    valLoss,
  };
}

/** Largest distance of the two empirical distribution functions. */
function distance(a: readonly number[], b: readonly number[]): number {
  const share = (values: readonly number[], x: number): number =>
    values.filter((value) => value <= x).length / values.length;
  return Math.max(...[...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x))));
}

describe.each(cases)('the notebook with $hidden, $lr, $weight_decay, $dropout', (settings) => {
  let ours: Run[];

  beforeAll(async () => {
    ours = await Promise.all(
      Array.from({ length: N_RUNS }, (_, number) => runOurs(number, settings)),
    );
  });

  // The test of Kolmogorov and Smirnov at the level 0.001. Accuracies are k / 30 in float64 on both sides.
  it.each(measures)('comes out as in PyTorch: %s', (key) => {
    const theirs = settings.runs.map((run) => run[measures.indexOf(key)] as number);
    const limit = 1.95 * Math.sqrt((N_RUNS + theirs.length) / (N_RUNS * theirs.length));
    expect(
      distance(
        ours.map((run) => run[key]),
        theirs,
      ),
    ).toBeLessThan(limit);
  });
});
