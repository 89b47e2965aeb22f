/**
 * Epochs a second of whole training, validation included, on every backend that works here, beside PyTorch on one thread where a python3
 * has it (PARZEN_PYTHON names another). Ratios are against the faster way of feeding PyTorch. What a trial trains with is in the first column.
 * Argument: seconds of processor time per measurement, 1 unless told.
 */
import { isNativeTensorFlowInstalled } from '../../src-main/training/backends.ts';
import { createModelFactory } from '../../src-main/training/choose-backend.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import type { Dataset } from '../../src-main/training/datasets/dataset.ts';
import { initialWeights } from '../../src-main/training/models/initializers.ts';
import type { ModelFactory } from '../../src-main/training/models/model.ts';
import type { TrialPlan } from '../../src-main/training/plan.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import { largestPlan } from '../../src-main/training/suggest-plan.ts';
import { createRng, shuffle } from '../../src-main/tuner/math/rng.ts';
import { findPython, printRow, runPython } from './helpers/peer.ts';

const DROPOUT = 0.2;
/** Epochs before the network starts anew: training that never ends is not what anyone does. */
const EPOCHS_PER_RUN = 50;
const N_SLICES = 3;

const cases = [
  { table: 'iris', target: 'species', hidden: [32], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [128, 64], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [256, 256, 256], batchSize: 16 },
  { table: 'wine', target: 'cultivar', hidden: [128, 64], batchSize: 16 },
  { table: 'breast_cancer', target: 'diagnosis', hidden: [128, 64], batchSize: 32 },
  { table: 'digits', target: 'digit', hidden: [256, 256], batchSize: 64 },
  { table: 'digits', target: 'digit', hidden: [2048, 2048], batchSize: 256 },
];

const backends = [
  { name: 'wasm (fused)', backend: 'wasm', engine: 'fused' },
  { name: 'wasm', backend: 'wasm', engine: 'tfjs' },
  { name: 'tfjs-node', backend: 'tfjs-node', engine: 'tfjs' },
  { name: 'cpu', backend: 'cpu', engine: 'tfjs' },
] as const;

const seconds = Number(process.argv[2] ?? 1);

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Best of some slices of processor time: other programs on the machine hardly count then. */
function epochsPerSecond(factory: ModelFactory, plan: TrialPlan, data: Dataset): number {
  const order = Int32Array.from({ length: data.train.nRows }, (_, i) => i);
  const rng = createRng('bench');
  const weights = initialWeights(plan.network, rng);
  let best = 0;
  for (let slice = -1; slice < N_SLICES; slice++) {
    const startedAt = processorSeconds();
    let nEpochs = 0;
    do {
      const model = factory.create({ plan, data, weights, dropoutSeed: 1 });
      for (let epoch = 0; epoch < EPOCHS_PER_RUN; epoch++, nEpochs++) {
        if (epoch > 0 && processorSeconds() - startedAt > seconds / N_SLICES) break;
        model.runEpoch(epoch, shuffle(order, rng), 1e-3);
      }
      model.dispose();
    } while (processorSeconds() - startedAt < seconds / N_SLICES);
    // The first slice warms up.
    if (slice >= 0) best = Math.max(best, nEpochs / (processorSeconds() - startedAt));
  }
  return best;
}

const { spec: iris } = loadSpec('iris');
const prepared = await Promise.all(
  cases.map(async ({ table, target, hidden, batchSize }) => {
    const spec = parseSpec({
      ...iris,
      data: {
        table,
        target,
        task: 'classification',
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      },
      network: { width: hidden, dropout: DROPOUT },
      training: {
        ...iris.training,
        optimizer: { type: 'adam', learningRate: 1e-3, weightDecay: 1e-4 },
        batchSize,
      },
    });
    const data = await loadDataset({ spec, baseDir: '.' });
    return { data, plan: await largestPlan(spec, data) };
  }),
);

const python = findPython('torch');
const peers = python
  ? runPython<[number, number][]>(python, 'dense_epochs.py', [
      String(seconds),
      JSON.stringify(
        prepared.map(({ data, plan }, i) => ({
          nRows: data.train.nRows,
          nInputs: data.nFeatures,
          nClasses: data.nOutputs,
          hidden: cases[i]?.hidden,
          batchSize: plan.training.batchSize,
          dropout: DROPOUT,
        })),
      ),
    ])
  : [];
if (!python)
  console.log(
    'No python3 with PyTorch here (PARZEN_PYTHON names another one): nothing to compare.',
  );

const usable = backends.filter(
  ({ backend }) => backend !== 'tfjs-node' || isNativeTensorFlowInstalled(),
);
printRow('epochs/s', ...usable.map(({ name }) => name), 'PyTorch', 'ratio');
for (const [i, { data, plan }] of prepared.entries()) {
  const { table, hidden, batchSize } = cases[i] as (typeof cases)[number];
  const rates: number[] = [];
  for (const one of usable) rates.push(epochsPerSecond(await createModelFactory(one), plan, data));
  const peer = peers[i] && Math.max(...peers[i]);
  printRow(
    `${table} ${data.train.nRows} x ${data.nFeatures}, [${hidden.join(', ')}], batch ${batchSize}`,
    ...rates.map((rate) => rate.toPrecision(3)),
    peer ? peer.toPrecision(3) : '-',
    peer ? `${(Math.max(...rates) / peer).toFixed(1)} x` : '-',
  );
}
