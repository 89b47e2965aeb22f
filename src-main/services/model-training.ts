import type {
  RepeatedTrials,
  RetrainDefaults,
  RetrainedModel,
  TrainingRows,
} from '../contract/models.ts';
import type { BackendRequest } from '../training/choose-backend.ts';
import type { Checkpoint } from '../training/checkpoint.ts';
import type { Dataset } from '../training/datasets/dataset.ts';
import { leadingObjective, objectivesOf } from '../training/objectives-of.ts';
import { createObjectivePool, type ObjectivePool } from '../training/pool.ts';
import { encodeModel, historyOf, preprocessingOf, rowCounts } from '../training/saved-model.ts';
import type { SpareChildren } from '../training/spare-children.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import type { Epoch } from '../training/train.ts';
import { createRng } from '../tuner/math/rng.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import { FixedTrial } from '../tuner/trial/fixed-trial.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import { sha256 } from './model-store.ts';

/** What running trials once more needs of their study, whatever its objective is. */
export interface RepeatContext {
  /** The study's. */
  readonly seed: number;
  readonly jobs: number;
  readonly openPool: (options: { seed: number; jobs: number }) => ObjectivePool;
  readonly signal: AbortSignal;
  /** Told after every trial. */
  readonly onProgress: (nDone: number) => void;
}

/** What training a study's parameters once more needs of it. */
export interface TrainingContext extends Omit<RepeatContext, 'openPool'> {
  readonly studyName: string;
  readonly spec: NetworkStudySpec;
  /** Made ready for the rows to be trained on. */
  readonly dataset: Dataset;
  readonly backend: BackendRequest;
  readonly spares: SpareChildren;
}

/** A network trained once more. */
interface Repetition {
  readonly value: number;
  readonly checkpoint: Checkpoint;
  readonly epochs: readonly Epoch[];
}

/** More networks than these hardly answer better together, but take as much longer. */
const MAX_TOGETHER = 25;

/**
 * How a study's best trials are trained again where nothing else is asked for.
 *
 * @param ranked Its complete trials, the best first.
 */
export function retrainDefaults(
  spec: NetworkStudySpec,
  ranked: readonly Pick<FrozenTrial, 'values' | 'userAttrs'>[],
): RetrainDefaults {
  if (!('folds' in spec.data.split)) return { nTrials: 1, rows: 'train' };
  // In folds all development rows have trained and validated, so none of them is left out for good. Of several objectives each is best at something else.
  const nTrials = objectivesOf(spec).length === 1 ? countGood(ranked) : 1;
  return { nTrials, rows: 'trainAndValidation' };
}

/**
 * Few rows hardly tell good trials apart, and different networks err differently: together they are surer than the best of them. So it is the better
 * half of the trials, but none that is further from the best one than twice what the folds of such a trial are apart. How far the best one's own are
 * says little, as it is the best for being lucky in all of them.
 */
function countGood(ranked: readonly Pick<FrozenTrial, 'values' | 'userAttrs'>[]): number {
  const half = ranked.slice(0, Math.min(MAX_TOGETHER, Math.ceil(ranked.length / 2)));
  const deviations = half
    .map(({ userAttrs }) => userAttrs.fold_deviation)
    .filter((deviation) => typeof deviation === 'number')
    .sort((a, b) => a - b);
  const margin = 2 * (deviations[Math.floor(deviations.length / 2)] ?? Infinity);
  const [best = NaN] = half[0]?.values ?? [];
  const good = half.filter(({ values }) => Math.abs((values?.[0] ?? NaN) - best) <= margin);
  return Math.max(1, good.length);
}

/** Trains trials' parameters anew, each with so many seeds. @returns What is to be kept: the record, and the networks that it refers to. */
export async function retrain(
  context: TrainingContext,
  options: { trials: readonly FrozenTrial[]; rows: TrainingRows; nSeeds: number },
): Promise<{ record: Omit<RetrainedModel, 'id'>; contents: readonly Uint8Array[] }> {
  const { trials, rows, nSeeds } = options;
  const { dataset, spec, studyName } = context;
  const isOnAll = rows === 'trainAndValidation';
  const tasks = trials.flatMap((trial) => {
    const nEpochs = isOnAll ? requireEpochs(trial, spec) : undefined;
    return Array.from({ length: nSeeds }, (_, repetition) => ({ trial, nEpochs, repetition }));
  });
  const repetitions = await trainAgain(context, tasks);
  const { train, ...others } = rowCounts(dataset);
  const nRows = { train: isOnAll ? train - others.validation : train, ...others };
  const members: RetrainedModel['members'][number][] = [];
  const contents: Uint8Array[] = [];
  for (const [place, { value, checkpoint, epochs }] of repetitions.entries()) {
    const { trial, repetition } = tasks[place] as (typeof tasks)[number];
    const content = encodeModel({
      ...preprocessingOf(dataset, spec.data),
      network: checkpoint.plan.network,
      weights: checkpoint.weights,
      origin: {
        studyName,
        trialNumber: trial.number,
        repetition,
        rows,
        epoch: checkpoint.epoch,
        nRows,
        history: historyOf(epochs),
        tableHash: dataset.tableHash,
      },
    });
    contents.push(content);
    members.push({
      hash: sha256(content),
      sizeBytes: content.byteLength,
      nEpochs: checkpoint.epoch + 1,
      // Rows that it learned from say nothing about it.
      value: isOnAll ? null : value,
    });
  }
  const values = repetitions.map(({ value }) => value);
  const record = {
    createdAtMs: Date.now(),
    trialNumbers: trials.map(({ number }) => number),
    rows,
    members,
    ...(isOnAll ? { mean: null, deviation: null } : moments(values)),
  };
  return { record, contents };
}

/**
 * Runs trials again with other random numbers and ranks them by the mean.
 *
 * @param options.metric What the first values are, by its name.
 */
export async function repeatTrials(
  context: RepeatContext,
  options: {
    trials: readonly FrozenTrial[];
    nSeeds: number;
    direction: StudyDirection;
    metric: string;
  },
): Promise<RepeatedTrials> {
  const { trials, nSeeds, direction, metric } = options;
  const tasks = trials.flatMap((trial) => Array.from({ length: nSeeds }, () => ({ trial })));
  const all = await runAgain(context, tasks, { keepWeights: false });
  const ranked = trials.map((trial, i) => {
    const values = all.slice(i * nSeeds, (i + 1) * nSeeds).map(({ value }) => value);
    return {
      trialNumber: trial.number,
      firstValue: trial.values?.[0] ?? NaN,
      values,
      ...moments(values),
    };
  });
  const sign = direction === 'minimize' ? 1 : -1;
  return {
    createdAtMs: Date.now(),
    metric,
    trials: ranked.sort((a, b) => sign * (a.mean - b.mean) || a.trialNumber - b.trialNumber),
  };
}

/** Where a study's networks are trained once more. */
export function networkContext({
  spec,
  dataset,
  backend,
  spares,
  ...context
}: TrainingContext): RepeatContext {
  return {
    ...context,
    openPool: (options) =>
      createObjectivePool({ spec, data: dataset, backend, spares, ...options }),
  };
}

/** Trains all of them. @throws the reason of an aborted signal, or the first failure. */
async function trainAgain(context: TrainingContext, tasks: readonly Task[]): Promise<Repetition[]> {
  const all = await runAgain(networkContext(context), tasks, { keepWeights: true });
  return all.map(({ checkpoint, ...others }) => ({
    ...others,
    checkpoint: checkpoint as Checkpoint,
  }));
}

interface Task {
  readonly trial: FrozenTrial;
  readonly nEpochs?: number;
}

type Rerun = Omit<Repetition, 'checkpoint'> & { readonly checkpoint: Checkpoint | null };

/** Runs all of them, with random numbers of their own. @throws the reason of an aborted signal, or the first failure. */
async function runAgain(
  { openPool, seed, jobs, signal, onProgress }: RepeatContext,
  tasks: readonly Task[],
  { keepWeights }: { keepWeights: boolean },
): Promise<Rerun[]> {
  // Other than all of the search's; tasks are told apart by their place.
  const pool = openPool({
    seed: createRng(seed, 'repeat').uint32(),
    jobs: Math.min(jobs, tasks.length),
  });
  try {
    let nDone = 0;
    return await Promise.all(
      tasks.map(async ({ trial: { params }, nEpochs }, place): Promise<Rerun> => {
        const epochs: Epoch[] = [];
        let checkpoint: Checkpoint | null = null;
        const values = await pool.run(new FixedTrial(params, place), {
          signal,
          nEpochs,
          keepWeights,
          onCheckpoint: (learned) => (checkpoint = learned),
          onEpoch: (epoch) => epochs.push(epoch),
        });
        onProgress(++nDone);
        return { value: [values].flat()[0] as number, checkpoint, epochs };
      }),
    );
  } finally {
    await pool.close();
  }
}

/** Without rows to stop by, training is to last as long as was best in the search: on average, where that was in several folds. Null where the trial does not say. */
export function bestEpochs(
  { userAttrs }: Pick<FrozenTrial, 'userAttrs'>,
  spec: NetworkStudySpec,
): number | null {
  const { best_epoch: best, epochs } = userAttrs;
  const { split } = spec.data;
  const nFolds = 'folds' in split ? split.folds * split.repeats : 1;
  const last =
    leadingObjective(spec).value === 'best' ? best : Math.round(Number(epochs) / nFolds) - 1;
  return typeof last === 'number' && Number.isInteger(last) ? last + 1 : null;
}

function requireEpochs(trial: FrozenTrial, spec: NetworkStudySpec): number {
  const nEpochs = bestEpochs(trial, spec);
  if (nEpochs === null)
    throw new ServiceError(
      'NOT_AVAILABLE',
      `Trial ${trial.number} does not say how many epochs were best for it, so it can be trained on the training rows only.`,
    );
  return nEpochs;
}

/** Mean and, from two values on, the sample's standard deviation. */
function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}
