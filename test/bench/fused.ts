/**
 * Epochs a second of the fused dense engine on the networks and tables of everyday use, beside PyTorch on one thread
 * where a python3 has it (PARZEN_PYTHON names another), and how much of the machine's arithmetic that is. Once more without native kernels.
 * Argument: seconds of processor time per measurement, 1 unless told.
 */
import { readFileSync } from 'node:fs';
import { createDenseEngine, type DenseEngine } from '../../src-main/training/fused/dense-engine.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import type { NativeKernels } from '../../src-main/training/fused/native-kernels.ts';
import { denseWasmName } from '../../src-main/training/fused/wasm-module.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { findPython, printRow, runPython } from './helpers/peer.ts';
import { bestRate, measurePeak, operationsPerEpoch } from './helpers/rates.ts';

const DROPOUT = 0.2;
/** Epochs before the network starts anew: training that never ends is not what anyone does. */
const EPOCHS_PER_RUN = 100;

interface Table {
  features: Float32Array;
  targets: Int32Array;
  nInputs: number;
  nClasses: number;
}

interface Case {
  table: string;
  hidden: number[];
  batchSize: number;
}

const cases: Case[] = [
  { table: 'iris', hidden: [128, 64], batchSize: 16 },
  { table: 'iris', hidden: [32], batchSize: 16 },
  { table: 'iris', hidden: [256, 256, 256], batchSize: 16 },
  { table: 'wine', hidden: [64], batchSize: 16 },
  { table: 'wine', hidden: [128, 64], batchSize: 16 },
  { table: 'breast_cancer', hidden: [64, 32], batchSize: 32 },
  { table: 'breast_cancer', hidden: [256, 128], batchSize: 64 },
  { table: 'digits', hidden: [128, 64], batchSize: 32 },
  { table: 'digits', hidden: [256, 256], batchSize: 128 },
];

const seconds = Number(process.argv[2] ?? 1);
const rng = createRng('fused');

/** The notebook's share of the rows (60 %), columns standardised, the last one the class. */
function readTable(name: string): Table {
  const path = new URL(`../../resources/tables/${name}.csv`, import.meta.url);
  const [, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(','));
  const nInputs = rows[0]!.length - 1;
  const classes = [...new Set(rows.map((row) => row.at(-1)!))];
  const columns = Array.from({ length: nInputs }, (_, column) => {
    const values = rows.map((row) => Number(row[column]));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return values.map((value) => (value - mean) / (Math.sqrt(variance) || 1));
  });
  const chosen = permutation(rows.length).subarray(0, Math.floor(rows.length * 0.6));
  return {
    features: Float32Array.from(
      [...chosen].flatMap((row) => columns.map((column) => column[row]!)),
    ),
    targets: Int32Array.from(chosen, (row) => classes.indexOf(rows[row]!.at(-1)!)),
    nInputs,
    nClasses: classes.length,
  };
}

function permutation(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function startRun(engine: DenseEngine, widths: readonly number[]): void {
  engine.setWeights(
    widths.slice(1).map((nOutputs, index) => {
      const bound = 1 / Math.sqrt(widths[index]!);
      const draw = (): number => bound * (2 * rng.uniform() - 1);
      return {
        kernel: Float32Array.from({ length: widths[index]! * nOutputs }, draw),
        bias: Float32Array.from({ length: nOutputs }, draw),
      };
    }),
  );
  engine.resetOptimizer();
}

function epochsPerSecond(
  table: Table,
  { hidden, batchSize }: Case,
  native: NativeKernels | null,
): number {
  const widths = [table.nInputs, ...hidden, table.nClasses];
  const engine = createDenseEngine(
    {
      nInputs: table.nInputs,
      hidden: hidden.map((units) => ({ units, activation: 'relu', dropout: DROPOUT })),
      nOutputs: table.nClasses,
      loss: { kind: 'crossEntropy' },
      optimizer: { kind: 'adam', weightDecay: 1e-4 },
    },
    { native },
  );
  engine.setTrain({ features: table.features, targets: table.targets });
  const order = permutation(table.targets.length);
  const run = (): number => {
    startRun(engine, widths);
    for (let epoch = 0; epoch < EPOCHS_PER_RUN; epoch++) {
      engine.trainEpoch({ order, batchSize, learningRate: 1e-3, seed: 1, epoch });
    }
    return EPOCHS_PER_RUN;
  };
  run();
  const rate = bestRate(seconds, run);
  engine.dispose();
  return rate;
}

const { kernels, description } = provenNative();
const peak = measurePeak(seconds);
console.log(
  `${denseWasmName()}, products on ${description}, arithmetic limit ${(peak / 1e9).toFixed(0)} Gflop/s on this core; ` +
    `relu, dropout ${DROPOUT}, Adam with weight decay`,
);

const tables = new Map(cases.map(({ table }) => [table, readTable(table)]));
const python = findPython('torch');
const peers = python
  ? runPython<[number, number][]>(python, 'dense_epochs.py', [
      String(seconds),
      JSON.stringify(
        cases.map(({ table, hidden, batchSize }) => {
          const { targets, nInputs, nClasses } = tables.get(table)!;
          return { nRows: targets.length, nInputs, nClasses, hidden, batchSize, dropout: DROPOUT };
        }),
      ),
    ])
  : [];
if (!python) {
  console.log(
    'No python3 with PyTorch here (PARZEN_PYTHON names another one): nothing to compare.',
  );
}

printRow(
  'epochs/s',
  'wasm only',
  'Parzen',
  'of the limit',
  'torch, loader',
  'torch, sliced',
  'ratio',
);
cases.forEach((item, index) => {
  const table = tables.get(item.table)!;
  const plain = epochsPerSecond(table, item, null);
  const rate = kernels ? epochsPerSecond(table, item, kernels) : plain;
  const share =
    (rate *
      operationsPerEpoch(table.targets.length, [table.nInputs, ...item.hidden, table.nClasses])) /
    peak;
  const peer = peers[index];
  printRow(
    `${item.table} ${table.targets.length} x ${table.nInputs}, [${item.hidden.join(', ')}], batch ${item.batchSize}`,
    plain.toFixed(0),
    rate.toFixed(0),
    `${(100 * share).toFixed(0)} %`,
    peer ? peer[0].toFixed(0) : '-',
    peer ? peer[1].toFixed(0) : '-',
    // Against the faster of the two.
    peer ? `${(rate / Math.max(...peer)).toFixed(1)} x` : '-',
  );
});
