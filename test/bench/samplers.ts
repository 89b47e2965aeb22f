/**
 * Best values after 100 trials on the functions of test/fixtures/optuna/sampler_quality.json, 30 seeds, beside what Optuna reached there: the
 * median, and the p-value of the one-sided rank test that Parzen is worse. Arguments: names of samplers, of functions, or `--seeds=N`.
 * Exits with 1 when a sampler is worse than its namesake at p < 0.01.
 */
import {
  createSampler,
  createStudy,
  InMemoryStorage,
  setLogger,
  type StudyDirection,
} from '../../src-main/tuner/index.ts';
import { normalCdf } from '../../src-main/tuner/math/normal.ts';
import { ranksOf } from '../../src-main/tuner/math/wilcoxon.ts';
import { readReferenceNumbers } from '../helpers/reference.ts';
import { testFunctions, type TestFunction } from '../helpers/test-functions.ts';

type Quality = Record<string, { runs: Record<string, { best_at_100_sorted: number[] }> }>;

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

const N_TRIALS = 100;
const SIGNIFICANCE = 0.01;

const args = process.argv.slice(2);
const nSeeds = Number(args.find((arg) => arg.startsWith('--seeds='))?.split('=')[1] ?? 30);
const names = args.filter((arg) => !arg.startsWith('--'));
const chosen = <T>(all: readonly T[], nameOf: (item: T) => string): readonly T[] => {
  const named = all.filter((item) => names.includes(nameOf(item)));
  return named.length > 0 ? named : all;
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
const quality = readReferenceNumbers<Quality>('sampler_quality.json');
let isWorse = false;
console.log(
  `${'sampler'.padEnd(16)}${'function'.padEnd(14)}${'Parzen'.padStart(11)}${'Optuna'.padStart(11)}${'p worse'.padStart(9)}`,
);
for (const contender of chosen(contenders, ({ title }) => title))
  for (const test of chosen(testFunctions, ({ name }) => name)) {
    const ours = await bestValues(contender, test);
    const theirs = quality[test.name]?.runs[contender.peer]?.best_at_100_sorted;
    if (!theirs) throw new Error(`No run "${contender.peer}" of ${test.name} in the reference.`);
    const p = pWorse(test.direction, ours, theirs);
    isWorse ||= p < SIGNIFICANCE;
    console.log(
      contender.title.padEnd(16) +
        test.name.padEnd(14) +
        median(ours).toPrecision(5).padStart(11) +
        median(theirs).toPrecision(5).padStart(11) +
        p.toFixed(4).padStart(9) +
        (p < SIGNIFICANCE
          ? '  worse'
          : pWorse(test.direction, theirs, ours) < SIGNIFICANCE
            ? '  better'
            : ''),
    );
  }
process.exitCode = isWorse ? 1 : 0;
