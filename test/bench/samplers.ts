/**
 * Best values after 100 trials on the functions of test/fixtures/optuna/sampler_quality.json, and the hypervolume on the problems of several
 * objectives of test/fixtures/multi-objective/quality.json, 30 seeds, beside what Optuna reached there: the median, and the p-value of the
 * one-sided rank test that Parzen is worse. Arguments: names of samplers, of functions or problems, or `--seeds=N`.
 * Exits with 1 when a sampler is worse than its namesake at p < 0.01.
 */
import { readFileSync } from 'node:fs';
import {
  createSampler,
  createStudy,
  InMemoryStorage,
  setLogger,
  type StudyDirection,
} from '../../src-main/tuner/index.ts';
import { normalCdf } from '../../src-main/tuner/math/normal.ts';
import { ranksOf } from '../../src-main/tuner/math/wilcoxon.ts';
import { hypervolumeReached, multiObjectiveProblems } from '../helpers/multi-objective-problems.ts';
import { readReferenceNumbers } from '../helpers/reference.ts';
import { testFunctions, type TestFunction } from '../helpers/test-functions.ts';

type Quality = Record<string, { runs: Record<string, { best_at_100_sorted: number[] }> }>;

interface MultiQuality {
  problems: Record<string, { runs: Record<string, { nTrials: number; hypervolumes: number[] }> }>;
}

interface Contender {
  readonly title: string;
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Optuna's run to compare with. */
  readonly peer: string;
}

const contenders: readonly Contender[] = [
  { title: 'tpe', name: 'tpe', peer: 'optuna-5.0.0.dev tpe' },
  // Beside Optuna's default.
  { title: 'auto', name: 'auto', peer: 'optuna-5.0.0.dev tpe' },
  {
    title: 'tpe grouped',
    name: 'tpe',
    options: { group: true },
    peer: 'optuna-5.0.0.dev tpe_mv_group',
  },
  {
    title: 'tpe univariate',
    name: 'tpe',
    options: { multivariate: false },
    peer: 'optuna-4.9.0 tpe',
  },
  {
    title: 'gp',
    name: 'gp',
    options: { warnIndependentSampling: false },
    peer: 'optuna-4.9.0 gp',
  },
  {
    title: 'cma-es',
    name: 'cma-es',
    options: { warnIndependentSampling: false },
    peer: 'optuna-4.9.0 cmaes',
  },
  { title: 'random', name: 'random', peer: 'optuna-4.9.0 random' },
  // Optuna's runs are not scrambled: all seeds have the same points, which may lie well or badly.
  { title: 'qmc', name: 'qmc', options: { scramble: false }, peer: 'optuna-4.9.0 qmc' },
];

/** With several objectives, beside Optuna's runs with as many trials. */
const multiContenders: readonly Contender[] = [
  { title: 'nsga-ii', name: 'nsga-ii', peer: 'nsga-ii' },
  { title: 'nsga-iii', name: 'nsga-iii', peer: 'nsga-iii' },
  { title: 'tpe', name: 'tpe', peer: 'tpe' },
  { title: 'gp', name: 'gp', peer: 'gp' },
  { title: 'random', name: 'random', peer: 'random' },
];

const N_TRIALS = 100;
const SIGNIFICANCE = 0.01;

const args = process.argv.slice(2);
const nSeeds = Number(args.find((arg) => arg.startsWith('--seeds='))?.split('=')[1] ?? 30);
const names = args.filter((arg) => !arg.startsWith('--'));
/** Those named; all, unless only `others` were. */
const chosen = <T, U>(
  all: readonly T[],
  others: readonly U[],
  nameOf: (item: T | U) => string,
): readonly T[] => {
  const named = all.filter((item) => names.includes(nameOf(item)));
  return named.length > 0 || others.some((item) => names.includes(nameOf(item))) ? named : all;
};

async function bestValues({ name, options }: Contender, test: TestFunction): Promise<number[]> {
  const best: number[] = [];
  for (let seed = 0; seed < nSeeds; seed++) {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      direction: test.direction,
      sampler: createSampler(name, options),
      seed,
    });
    await study.optimize((trial) => test.objective(trial), { nTrials: N_TRIALS });
    best.push(await study.bestValue());
  }
  return best;
}

/** p-value of the hypothesis that `ours` are no worse than `theirs` (Mann and Whitney, normal approximation with ties). */
function pWorse(
  direction: StudyDirection,
  ours: readonly number[],
  theirs: readonly number[],
): number {
  const sign = direction === 'minimize' ? 1 : -1;
  const { ranks, tieSizes } = ranksOf([...ours, ...theirs].map((value) => sign * value));
  const [n, m] = [ours.length, theirs.length];
  const u = ranks.subarray(0, n).reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2;
  const ties = tieSizes.reduce((sum, size) => sum + (size ** 3 - size), 0);
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  return variance > 0 ? normalCdf(-(u - (n * m) / 2 - 0.5) / Math.sqrt(variance)) : 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

setLogger(null);
let isWorse = false;
printRow('sampler', 'function', 'Parzen', 'Optuna', 'p worse');

const quality = readReferenceNumbers<Quality>('sampler_quality.json');
for (const contender of chosen(contenders, multiContenders, ({ title }) => title))
  for (const test of chosen(testFunctions, multiObjectiveProblems, ({ name }) => name)) {
    const theirs = quality[test.name]?.runs[contender.peer]?.best_at_100_sorted;
    if (!theirs) throw new Error(`No run "${contender.peer}" of ${test.name} in the reference.`);
    compare(contender.title, test.name, test.direction, await bestValues(contender, test), theirs);
  }

const multi = JSON.parse(
  readFileSync(new URL('../fixtures/multi-objective/quality.json', import.meta.url), 'utf8'),
) as MultiQuality;
for (const { title, name, peer, options } of chosen(
  multiContenders,
  contenders,
  (one) => one.title,
))
  for (const problem of chosen(multiObjectiveProblems, testFunctions, (one) => one.name)) {
    const run = multi.problems[problem.name]?.runs[peer];
    if (!run) continue;
    const ours: number[] = [];
    for (let seed = 0; seed < nSeeds; seed++) {
      const sampler = createSampler(name, options);
      ours.push(await hypervolumeReached(problem, sampler, { seed, nTrials: run.nTrials }));
    }
    compare(title, problem.name, 'maximize', ours, run.hypervolumes);
  }
process.exitCode = isWorse ? 1 : 0;

function compare(
  title: string,
  test: string,
  direction: StudyDirection,
  ours: readonly number[],
  theirs: readonly number[],
): void {
  const p = pWorse(direction, ours, theirs);
  isWorse ||= p < SIGNIFICANCE;
  const isBetter = pWorse(direction, theirs, ours) < SIGNIFICANCE;
  const verdict = p < SIGNIFICANCE ? '  worse' : isBetter ? '  better' : '';
  const [own, other] = [median(ours), median(theirs)].map((value) => value.toPrecision(5));
  printRow(title, test, own as string, other as string, p.toFixed(4), verdict);
}

function printRow(title: string, test: string, ...cells: string[]): void {
  const [ours = '', theirs = '', p = '', verdict = ''] = cells;
  console.log(
    `${title.padEnd(16)}${test.padEnd(14)}${ours.padStart(11)}${theirs.padStart(11)}${p.padStart(9)}${verdict}`,
  );
}
