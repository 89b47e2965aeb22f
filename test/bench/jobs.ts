/**
 * Parallel trials: the notebook's study, from before the pool is created to the end of the last trial, with 1 job and with 2; and what a child costs before its
 * first trial. In the fused engine the whole study takes 0.3 s, of which starting processes and compiling code are a third, so it is run too with children that a study
 * before it has left, as in a window that stays open; with networks that train longer; and in tfjs, operation by operation.
 * Runs take turns, so that whatever else the machine does falls on both alike. The goal for 2 jobs on 2 cores is at most 0.6 of the time of 1.
 *
 * With 2 jobs sampler and pruner know of other trials than with 1, so that the study has other trials: "work" tells how many epochs, and millions of parameters times
 * epochs. Trials that are drawn at random and never pruned are the same ones.
 * Beside the times what the processors did, all threads of this process and of its children. "At best" is the ratio if every core had been busy with that all the time:
 * one job of a short study already keeps more than one core busy, as the parent asks and the compilers compile beside the child, and each child has to start.
 */
import { availableParallelism } from 'node:os';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { TrialFailedError } from '../../src-main/training/errors.ts';
import type { BackendRequest } from '../../src-main/training/choose-backend.ts';
import { createObjectivePool } from '../../src-main/training/pool.ts';
import { loadSpec, type NetworkStudySpec } from '../../src-main/training/spec.ts';
import { SpareChildren } from '../../src-main/training/spare-children.ts';
import {
  createPruner,
  createSampler,
  createStudy,
  InMemoryStorage,
} from '../../src-main/tuner/index.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { childrenCpuSeconds } from './helpers/children-cpu.ts';
import { median, printRow } from './helpers/peer.ts';

interface Measured {
  /** Until the first child is ready. */
  ready: number;
  /** Until the last trial has ended. */
  total: number;
  epochs: number;
  /** Parameters times epochs, in millions, of all trials. */
  work: number;
  /** Processor time in seconds, of this process and of its children. */
  parentCpu: number;
  childrenCpu: number;
}

const nRuns = Number(process.argv[2] ?? 5);
const iris = loadSpec('iris');
const data = await loadDataset(iris);

/** Trials that do not depend on each other, and so are the same with 1 job and with 2. */
const randomSpec: NetworkStudySpec = {
  ...iris.spec,
  sampler: { type: 'random', options: {} },
  pruner: { type: 'nop', options: {} },
};

/** Each trained to its last epoch. */
const longSpec: NetworkStudySpec = {
  ...randomSpec,
  training: { ...iris.spec.training, epochs: 300, earlyStopping: undefined },
};

interface Case {
  readonly label: string;
  readonly spec: NetworkStudySpec;
  /** Whether children come from the study before. */
  readonly isWarm?: boolean;
  readonly backend?: BackendRequest;
  readonly nRuns: number;
}

const tfjs = { backend: 'wasm', engine: 'tfjs' } as const;
// Many of what is over soon, as the networks that a sampler comes upon differ much in size.
const many = 4 * nRuns;
const cases: readonly Case[] = [
  { label: "the notebook's study", spec: iris.spec, nRuns: many },
  { label: 'children at hand', spec: iris.spec, nRuns: many, isWarm: true },
  { label: 'random trials', spec: randomSpec, nRuns: many },
  { label: 'random trials, children at hand', spec: randomSpec, nRuns: many, isWarm: true },
  { label: 'random trials, 300 epochs each', spec: longSpec, nRuns },
  { label: "the notebook's study, tfjs", spec: iris.spec, nRuns, backend: tfjs },
  { label: 'random trials, tfjs', spec: randomSpec, nRuns, backend: tfjs },
];

async function run(
  { spec, backend }: Case,
  jobs: number,
  seed: number,
  spares?: SpareChildren,
): Promise<Measured> {
  const childrenBefore = childrenCpuSeconds();
  const parentBefore = process.cpuUsage();
  const start = performance.now();
  const pool = createObjectivePool({ spec, data, seed, jobs, spares, backend });
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
  const { user, system } = process.cpuUsage(parentBefore);
  const childrenCpu = childrenCpuSeconds() - childrenBefore;
  await pool.close();
  const trials = await study.getTrials();
  const sumOf = (of: (attrs: FrozenTrial['userAttrs']) => number): number =>
    trials.reduce((sum, { userAttrs }) => sum + of(userAttrs), 0);
  const epochs = sumOf((attrs) => Number(attrs.epochs ?? 0));
  const work = sumOf((attrs) => Number(attrs.epochs ?? 0) * Number(attrs.n_parameters ?? 0)) / 1e6;
  return { ready: await ready, total, epochs, work, parentCpu: (user + system) / 1e6, childrenCpu };
}

const nCores = availableParallelism();
const ms = (seconds: number): string => (Number.isNaN(seconds) ? '–' : (1000 * seconds).toFixed(0));
printRow(
  `medians of ${many} and ${nRuns}, ${nCores} cores`,
  'child',
  'study',
  'work',
  'parent CPU',
  'children CPU',
  'ratio',
  'at best',
);
for (const measured of cases) {
  const { label, isWarm = false } = measured;
  const runs: [Measured[], Measured[]] = [[], []];
  const spares = [new SpareChildren(), new SpareChildren()];
  if (isWarm) for (const [i, jobs] of [1, 2].entries()) await run(measured, jobs, nRuns, spares[i]);
  for (let seed = 0; seed < measured.nRuns; seed++)
    for (const [i, jobs] of [1, 2].entries())
      runs[i]?.push(await run(measured, jobs, seed, isWarm ? spares[i] : undefined));
  await Promise.all(spares.map((some) => some.close()));
  const secondsOfOne = median(runs[0].map(({ total }) => total)) / 1000;
  runs.forEach((some, i) => {
    const middle = (of: (run: Measured) => number): number => median(some.map(of));
    const seconds = middle(({ total }) => total) / 1000;
    const busy = middle(({ parentCpu, childrenCpu }) => parentCpu + childrenCpu);
    const atBest = busy / nCores / secondsOfOne;
    printRow(
      `${label}, ${i + 1} job${i > 0 ? 's' : ''}`,
      `${middle(({ ready }) => ready).toFixed(0)} ms`,
      `${seconds.toFixed(2)} s`,
      `${middle(({ epochs }) => epochs).toFixed(0)}/${middle(({ work }) => work).toFixed(0)}M`,
      `${ms(middle(({ parentCpu }) => parentCpu))} ms`,
      `${ms(middle(({ childrenCpu }) => childrenCpu))} ms`,
      i === 0 ? '' : (seconds / secondsOfOne).toFixed(2),
      i === 0 || Number.isNaN(atBest) ? '' : atBest.toFixed(2),
    );
  });
}
