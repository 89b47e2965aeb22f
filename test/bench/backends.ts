/**
 * What can train which network on this machine, and how fast: the table of docs/backends.md, which `--write` renews. Epochs per second of processor
 * time, validation included, and what `auto` takes.
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
import { candidates, epochsPerSecond } from './helpers/rates.ts';

const PAGE = new URL('../../docs/backends.md', import.meta.url);
const BEGIN = '<!-- table: npm run bench -- backends --write -->';
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
const rows: string[][] = [
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
      rates.push(rate >= 10 ? rate.toFixed(0) : rate.toPrecision(2));
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

const widths = (rows[0] as string[]).map((_, k) =>
  Math.max(...rows.map((row) => (row[k] as string).length)),
);
/** Text to the left, numbers to the right, as Prettier writes tables. */
const isText = (k: number): boolean => k < 2 || k === widths.length - 1;
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell, k) => (isText(k) ? cell.padEnd(widths[k] as number) : cell.padStart(widths[k] as number))).join(' | ')} |`;
const [head, ...body] = rows as [string[], ...string[][]];
const rule = `| ${widths.map((width, k) => (isText(k) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
const table = [line(head), rule, ...body.map(line)].join('\n');
const machine = `${cpus()[0]?.model.trim() ?? 'An unknown processor'}, Node ${process.versions.node}.`;

if (args.includes('--write')) {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN) as [string, string];
  const after = rest.split(END)[1] as string;
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${table}\n\n${machine}\n\n${END}${after}`);
} else console.log(`\n${table}\n\n${machine}`);
