/**
 * What can train which network on this machine, and how fast, and beside PyTorch where a python3 has it (PARZEN_PYTHON names another): the tables of
 * docs/backends.md, which `--write` renews. Epochs per second of processor time, validation included but PyTorch's, and what `auto` takes.
 * Argument: seconds of processor time per measurement, 1 unless told.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { isNativeTensorFlowInstalled } from '../../src-main/training/backends.ts';
import { chooseBackend, createModelFactory } from '../../src-main/training/choose-backend.ts';
import type { TrainingData } from '../../src-main/training/datasets/dataset.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { beyondFused } from '../../src-main/training/fused-limits.ts';
import { countParameters } from '../../src-main/training/plan.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpec, NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { largestPlan } from '../../src-main/training/suggest-plan.ts';
import type { BuiltinStudy } from '../../src-main/training/vocabulary.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import { denseCases, pytorchRates } from './helpers/dense-cases.ts';
import { candidates, epochsPerSecond } from './helpers/rates.ts';

const PAGE = new URL('../../docs/backends.md', import.meta.url);
const END = '<!-- /table -->';

type NetworkInput = NetworkStudySpecInput['network'];

interface Case {
  readonly label: string;
  readonly table: BuiltinStudy;
  readonly batchSize: number;
  readonly network: NetworkInput;
}

const cases: Case[] = [
  { label: '[32]', table: 'iris', batchSize: 16, network: { width: [32] } },
  {
    label: '[128, 64], dropout',
    table: 'iris',
    batchSize: 16,
    network: { width: [128, 64], dropout: 0.2 },
  },
  {
    label: '[128, 64], batch norm',
    table: 'iris',
    batchSize: 16,
    network: { width: [128, 64], norm: 'batch' },
  },
  {
    label: '[128, 64], layer norm',
    table: 'iris',
    batchSize: 16,
    network: { width: [128, 64], norm: 'layer' },
  },
  {
    label: '[64, 64, 64], skip connections',
    table: 'breast_cancer',
    batchSize: 32,
    network: { width: [64, 64, 64], skip: 'residual' },
  },
  { label: '[256, 256]', table: 'digits', batchSize: 64, network: { width: [256, 256] } },
  {
    label: '[256, 256], batch norm',
    table: 'digits',
    batchSize: 64,
    network: { width: [256, 256], norm: 'batch' },
  },
  { label: '[1024, 512]', table: 'digits', batchSize: 256, network: { width: [1024, 512] } },
  {
    label: 'conv2d, 16 and 32 filters of 3 x 3, [64]',
    table: 'digits',
    batchSize: 64,
    network: {
      type: 'conv2d',
      image: { height: 8, width: 8 },
      conv: { filters: [16, 32] },
      width: [64],
    },
  },
];

const args = process.argv.slice(2);
const seconds = Number(args.find((arg) => /^[\d.]+$/.test(arg)) ?? 1);

async function prepare({ table, batchSize, network }: Case): Promise<{
  spec: NetworkStudySpec;
  data: TrainingData;
}> {
  const { spec: base, baseDir } = loadSpec(table);
  const optimizer = { type: 'adam', learningRate: 1e-3, weightDecay: 1e-4 };
  const training = { optimizer, batchSize, epochs: 50 };
  const spec = parseSpec({ ...base, network, training }) as NetworkStudySpec;
  return { spec, data: await loadDataset({ spec, baseDir }) };
}

const usable = candidates.filter(
  ({ backend }) => backend !== 'tfjs-node' || isNativeTensorFlowInstalled(),
);
const rows: [string[], ...string[][]] = [
  [
    'table (training rows x features)',
    'network',
    'weights',
    'batch',
    ...usable.map(({ name }) => name),
    '`auto` takes',
  ],
];
for (const one of cases) {
  const { spec, data } = await prepare(one);
  const plan = await largestPlan(spec, data);
  const rates: string[] = [];
  for (const candidate of usable) {
    if (candidate.engine === 'fused' && beyondFused(spec.network)) rates.push('–');
    else {
      const rate = epochsPerSecond(await createModelFactory(candidate), plan, data, seconds);
      rates.push(shortRate(rate));
    }
  }
  const { backend, engine } = await chooseBackend({ backend: 'auto', engine: 'auto' }, spec, data);
  rows.push([
    `${one.table} (${data.train.nRows} x ${data.nFeatures})`,
    one.label,
    String(countParameters(plan.network)),
    String(one.batchSize),
    ...rates,
    engine === 'fused' ? 'wasm (fused)' : backend,
  ]);
  console.log(rows.at(-1)?.join(' | '));
}

const machine = `${cpus()[0]?.model.trim() ?? 'An unknown processor'}, Node ${process.versions.node}.`;
show(
  'npm run bench -- backends --write',
  `${toTable(rows, [0, 1, rows[0].length - 1])}\n\n${machine}`,
);

const dense = await denseCases();
const peers = pytorchRates(dense, seconds);
if (!peers)
  console.log(
    'No python3 with PyTorch here (PARZEN_PYTHON names another one): nothing to compare.',
  );
else {
  const { description } = provenNative();
  const beside: string[][] = [
    [
      'table (training rows x features)',
      'network',
      'batch',
      `fused, ${description}`,
      'PyTorch',
      'ratio',
    ],
  ];
  for (const [i, { table, data, plan, hidden, batchSize }] of dense.entries()) {
    const factory = await createModelFactory({ backend: 'wasm', engine: 'fused' });
    const rate = epochsPerSecond(factory, plan, data, seconds);
    const peer = peers[i] as number;
    beside.push([
      `${table} (${data.train.nRows} x ${data.nFeatures})`,
      `[${hidden.join(', ')}]`,
      String(batchSize),
      shortRate(rate),
      shortRate(peer),
      (rate / peer).toFixed(1),
    ]);
    console.log(beside.at(-1)?.join(' | '));
  }
  show('npm run bench -- backends --write, beside PyTorch', toTable(beside, [0, 1]));
}

function shortRate(rate: number): string {
  return rate >= 10 ? rate.toFixed(0) : rate.toPrecision(2);
}

/** As Prettier writes tables; the columns with these numbers hold text, the others numbers, to the right. */
function toTable(cells: readonly (readonly string[])[], texts: readonly number[]): string {
  const widths = (cells[0] as string[]).map((_, k) =>
    Math.max(...cells.map((row) => (row[k] as string).length)),
  );
  const isText = (k: number): boolean => texts.includes(k);
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, k) => (isText(k) ? cell.padEnd(widths[k] as number) : cell.padStart(widths[k] as number))).join(' | ')} |`;
  const [head, ...body] = cells as [string[], ...string[][]];
  const rule = `| ${widths.map((width, k) => (isText(k) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Prints, or puts in the place of what stood between this comment and the next end of a table. */
function show(comment: string, text: string): void {
  if (!args.includes('--write')) {
    console.log(`\n${text}\n`);
    return;
  }
  const begin = `<!-- table: ${comment} -->`;
  const [before, rest] = readFileSync(PAGE, 'utf8').split(begin) as [string, string];
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(PAGE, `${before}${begin}\n\n${text}\n\n${after}`);
}
