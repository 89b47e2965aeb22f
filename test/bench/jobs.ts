/**
 * Parallel trials: the notebook's study, and one whose networks train longer, from before the pool is created to the end of the last trial, with 1 job and with 2;
 * and what a child costs before its first trial. The notebook's study also with children that a study before it has left, as in a window that stays open.
 * Runs take turns, so that whatever else the machine does falls on both alike. The goal for 2 jobs on 2 cores is at most 0.6 of the time of 1.
 */
import { availableParallelism } from 'node:os';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { TrialFailedError } from '../../src-main/training/errors.ts';
import { createObjectivePool } from '../../src-main/training/pool.ts';
import { loadSpec, type NetworkStudySpec } from '../../src-main/training/spec.ts';
import { SpareChildren } from '../../src-main/training/spare-children.ts';
import {
  createPruner,
  createSampler,
  createStudy,
  InMemoryStorage,
} from '../../src-main/tuner/index.ts';
import { median, printRow } from './helpers/peer.ts';

interface Measured {
  /** Until the first child is ready. */
  ready: number;
  /** Until the last trial has ended. */
  total: number;
  epochs: number;
}

const nRuns = Number(process.argv[2] ?? 5);
const iris = loadSpec('iris');
const data = await loadDataset(iris);

/** The same trials, each trained to its last epoch. */
const longSpec: NetworkStudySpec = {
  ...iris.spec,
  training: { ...iris.spec.training, epochs: 300, earlyStopping: undefined },
  pruner: { type: 'nop', options: {} },
};

interface Case {
  readonly label: string;
  readonly spec: NetworkStudySpec;
  /** Whether children come from the study before. */
  readonly isWarm?: boolean;
}

const cases: readonly Case[] = [
  { label: "the notebook's study", spec: iris.spec },
  { label: 'the same, children at hand', spec: iris.spec, isWarm: true },
  { label: 'the same, 300 epochs each', spec: longSpec },
];

async function run(
  spec: NetworkStudySpec,
  jobs: number,
  seed: number,
  spares?: SpareChildren,
): Promise<Measured> {
  const start = performance.now();
  const pool = createObjectivePool({ spec, data, seed, jobs, spares });
  const ready = pool.decision.then(() => performance.now() - start);
  const study = await createStudy({
    storage: new InMemoryStorage(),
    direction: 'maximize',
    sampler: createSampler(spec.sampler.type, spec.sampler.options),
    pruner: createPruner(spec.pruner.type, spec.pruner.options),
    seed,
  });
  await study.optimize((trial, { signal }) => pool.run(trial, { signal }), {
    nTrials: spec.stop.trials,
    nJobs: jobs,
    catch: [TrialFailedError],
  });
  const total = performance.now() - start;
  await pool.close();
  const trials = await study.getTrials();
  const epochs = trials.reduce((sum, { userAttrs }) => sum + Number(userAttrs.epochs ?? 0), 0);
  return { ready: await ready, total, epochs };
}

printRow(
  `median of ${nRuns}, ${availableParallelism()} cores`,
  'child',
  'study',
  'per epoch',
  'ratio',
);
for (const { label, spec, isWarm = false } of cases) {
  const runs: [Measured[], Measured[]] = [[], []];
  const spares = [new SpareChildren(), new SpareChildren()];
  if (isWarm) for (const [i, jobs] of [1, 2].entries()) await run(spec, jobs, nRuns, spares[i]);
  for (let seed = 0; seed < nRuns; seed++)
    for (const [i, jobs] of [1, 2].entries())
      runs[i]?.push(await run(spec, jobs, seed, isWarm ? spares[i] : undefined));
  await Promise.all(spares.map((some) => some.close()));
  const seconds = runs.map((some) => median(some.map(({ total }) => total)) / 1000);
  runs.forEach((some, i) => {
    const perEpoch = median(some.map(({ total, epochs }) => total / epochs));
    printRow(
      `${label}, ${i + 1} job${i > 0 ? 's' : ''}`,
      `${median(some.map(({ ready }) => ready)).toFixed(0)} ms`,
      `${seconds[i]?.toFixed(2)} s`,
      `${perEpoch.toFixed(3)} ms`,
      i === 0 ? '' : ((seconds[1] as number) / (seconds[0] as number)).toFixed(2),
    );
  });
}
