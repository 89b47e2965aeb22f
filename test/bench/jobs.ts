/**
 * Parallel trials: the notebook's study, from before the pool is created to the end of the last trial, with 1 job and with 2; and what a child costs before its
 * first trial. In the fused engine the whole study takes a third of a second, of which starting processes and compiling code are a good part, so it is run too with
 * children that a study before it has left, as in a window that stays open; with networks that train longer; and in tfjs, operation by operation.
 * Runs take turns, so that whatever else the machine does falls on both alike. The goal for 2 jobs on 2 cores is at most 0.6 of the time of 1.
 *
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
import { childrenCpuSeconds } from './helpers/children-cpu.ts';
import { median, printRow } from './helpers/peer.ts';

interface Measured {
  /** Until the first child is ready. */
  ready: number;
  /** Until the last trial has ended. */
  total: number;
  epochs: number;
  /** Processor time in seconds, of this process and of its children. */
  parentCpu: number;
  childrenCpu: number;
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
  readonly backend?: BackendRequest;
  /** @default all */
  readonly nRuns?: number;
}

const tfjs = { backend: 'wasm', engine: 'tfjs' } as const;
const cases: readonly Case[] = [
  { label: "the notebook's study", spec: iris.spec },
  { label: 'the same, children at hand', spec: iris.spec, isWarm: true },
  { label: 'the same, 300 epochs each', spec: longSpec },
  // Ten times as long, most of it in compilers and in tfjs itself.
  { label: 'the same, tfjs', spec: iris.spec, backend: tfjs, nRuns: Math.ceil(nRuns / 5) },
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
  const epochs = trials.reduce((sum, { userAttrs }) => sum + Number(userAttrs.epochs ?? 0), 0);
  return { ready: await ready, total, epochs, parentCpu: (user + system) / 1e6, childrenCpu };
}

const nCores = availableParallelism();
const ms = (seconds: number): string => (Number.isNaN(seconds) ? '–' : (1000 * seconds).toFixed(0));
printRow(
  `median of ${nRuns}, ${nCores} cores`,
  'child',
  'study',
  'per epoch',
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
  for (let seed = 0; seed < (measured.nRuns ?? nRuns); seed++)
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
      `${middle(({ total, epochs }) => total / epochs).toFixed(3)} ms`,
      `${ms(middle(({ parentCpu }) => parentCpu))} ms`,
      `${ms(middle(({ childrenCpu }) => childrenCpu))} ms`,
      i === 0 ? '' : (seconds / secondsOfOne).toFixed(2),
      i === 0 || Number.isNaN(atBest) ? '' : atBest.toFixed(2),
    );
  });
}
