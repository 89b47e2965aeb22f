/**
 * Epochs a second of whole training, validation included, on every backend that works here, beside PyTorch on one thread where a python3
 * has it (PARZEN_PYTHON names another). Ratios are against the faster way of feeding PyTorch. What a trial trains with is in the first column; the last
 * one says how much of the arithmetic that this core can do, with the registers named above the table, the best of them does.
 * Argument: seconds of processor time per measurement, 1 unless told.
 */
import { isNativeTensorFlowInstalled } from '../../src-main/training/backends.ts';
import { createModelFactory } from '../../src-main/training/choose-backend.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import { largestPlan } from '../../src-main/training/suggest-plan.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import { denseWasmName } from '../../src-main/training/fused/wasm-module.ts';
import { findPython, printRow, runPython } from './helpers/peer.ts';
import { candidates, epochsPerSecond, measurePeak, operationsPerEpoch } from './helpers/rates.ts';

const DROPOUT = 0.2;

const cases = [
  { table: 'iris', target: 'species', hidden: [32], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [128, 64], batchSize: 16 },
  { table: 'iris', target: 'species', hidden: [256, 256, 256], batchSize: 16 },
  { table: 'wine', target: 'cultivar', hidden: [128, 64], batchSize: 16 },
  { table: 'breast_cancer', target: 'diagnosis', hidden: [128, 64], batchSize: 32 },
  { table: 'digits', target: 'digit', hidden: [256, 256], batchSize: 64 },
  { table: 'digits', target: 'digit', hidden: [2048, 2048], batchSize: 256 },
];

const seconds = Number(process.argv[2] ?? 1);

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

const usable = candidates.filter(
  ({ backend }) => backend !== 'tfjs-node' || isNativeTensorFlowInstalled(),
);
const peak = measurePeak(seconds);
console.log(
  `fused: ${denseWasmName()}, products on ${provenNative().description}, arithmetic limit ${(peak / 1e9).toFixed(0)} Gflop/s on this core`,
);
printRow('epochs/s', ...usable.map(({ name }) => name), 'PyTorch', 'ratio', 'of the limit');
for (const [i, { data, plan }] of prepared.entries()) {
  const { table, hidden, batchSize } = cases[i] as (typeof cases)[number];
  const rates: number[] = [];
  for (const one of usable)
    rates.push(epochsPerSecond(await createModelFactory(one), plan, data, seconds));
  const widths = [data.nFeatures, ...hidden, data.nOutputs];
  const operations = operationsPerEpoch(data.train.nRows, widths);
  const peer = peers[i] && Math.max(...peers[i]);
  printRow(
    `${table} ${data.train.nRows} x ${data.nFeatures}, [${hidden.join(', ')}], batch ${batchSize}`,
    ...rates.map((rate) => rate.toPrecision(3)),
    peer ? peer.toPrecision(3) : '-',
    peer ? `${(Math.max(...rates) / peer).toFixed(1)} x` : '-',
    `${((100 * Math.max(...rates) * operations) / peak).toFixed(0)} %`,
  );
}
