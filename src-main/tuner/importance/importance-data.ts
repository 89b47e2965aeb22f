/**
 * What importance is computed from: for each trial the result asked about and its parameters, as columns.
 */
import type { Distribution } from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { studyDirections, type StudyDirection } from '../study/direction.ts';
import { StudyHistory, rowStates } from '../study/study-history.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';

/** The result whose causes are asked for. */
export type ImportanceTarget =
  /** One of the objectives. */
  | { readonly type: 'objective'; readonly index: number }
  /**
   * The value reported at a step. Pruned trials that got so far count too: leaving them out would leave out the bad ones.
   * `objective` is the one that reports belong to (its direction is theirs), the first by default.
   */
  | { readonly type: 'intermediate'; readonly step: number; readonly objective?: number }
  /** How long the trial took; short is good. */
  | { readonly type: 'duration' }
  /** A number of one's own; trials for which it is not finite do not count. */
  | {
      readonly type: 'function';
      readonly valueOf: (trial: FrozenTrial) => number;
      readonly direction: StudyDirection;
    };

/** Rows are trials by number. */
export interface ImportanceData {
  readonly nTrials: number;
  /** 1, or the number of objectives where all of them are asked about together. */
  readonly nTargets: number;
  /** nTrials x nTargets, row-major, finite; lower is better. */
  readonly losses: Float64Array;
  /** By name, in alphabetical order: the parameters that at least one of the trials has. */
  readonly params: ReadonlyMap<string, ImportanceColumn>;
}

export interface ImportanceColumn {
  /** Internal values; NaN where the trial does not have the parameter. */
  readonly values: Float64Array;
  /** Index into `distributions`, -1 where the trial does not have the parameter. */
  readonly distributionIds: Int32Array;
  readonly distributions: readonly Distribution[];
}

/** What is needed of a study; `Study` and every `StudyView` have it. */
export interface ImportanceStudy {
  readonly directions: readonly StudyDirection[];
  getTrials(states?: readonly TrialState[]): Promise<readonly FrozenTrial[]>;
  getHistory(): Promise<StudyHistory>;
}

/** Trials that are in no study at hand, as one to ask about. Their numbers must differ. */
export function studyOfTrials(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): ImportanceStudy {
  const history = new StudyHistory(directions);
  history.update({ trials, deletedTrialIds: [] });
  return {
    directions,
    getTrials: async (states) =>
      states ? trials.filter((trial) => states.includes(trial.state)) : trials,
    getHistory: async () => history,
  };
}

/**
 * The trials of a study that have a finite result.
 *
 * @param target Null: the objective, or all objectives together where there are several.
 * @throws InvalidArgumentError when the study has no such objective, or the step is not a whole number.
 */
export async function collectImportanceData(
  study: ImportanceStudy,
  target: ImportanceTarget | null,
): Promise<ImportanceData> {
  checkTarget(target, study.directions.length);
  const history = await study.getHistory();
  const { rows, losses } =
    target === null || target.type === 'objective'
      ? objectiveLosses(history, target === null ? null : target.index)
      : trialLosses(
          await study.getTrials(
            target.type === 'intermediate' ? ['complete', 'pruned'] : ['complete'],
          ),
          history,
          target,
        );
  return {
    nTrials: rows.length,
    nTargets: target === null ? study.directions.length : 1,
    losses: Float64Array.from(losses),
    params: selectParams(history, rows),
  };
}

interface Losses {
  readonly rows: readonly number[];
  readonly losses: readonly number[];
}

function objectiveLosses(history: StudyHistory, index: number | null): Losses {
  const indices = index === null ? [...history.directions.keys()] : [index];
  const rows: number[] = [];
  const losses: number[] = [];
  for (let row = 0; row < history.nRows; row++) {
    if (history.states[row] !== rowStates.complete) continue;
    if (!indices.every((k) => Number.isFinite(history.values[k]?.[row]))) continue;
    rows.push(row);
    for (const k of indices)
      losses.push(signOf(history.directions[k]) * (history.values[k]?.[row] as number));
  }
  return { rows, losses };
}

function trialLosses(
  trials: readonly FrozenTrial[],
  history: StudyHistory,
  target: Exclude<ImportanceTarget, { type: 'objective' }>,
): Losses {
  const sign = signOf(
    target.type === 'intermediate'
      ? history.directions[target.objective ?? 0]
      : target.type === 'function'
        ? target.direction
        : 'minimize',
  );
  const rows: number[] = [];
  const losses: number[] = [];
  for (const trial of trials) {
    // A trial may have come after the history was read.
    const state = history.states[trial.number];
    if (state === undefined || state < rowStates.complete) continue;
    const value = valueOf(trial, target);
    if (!Number.isFinite(value)) continue;
    rows.push(trial.number);
    losses.push(sign * value);
  }
  return { rows, losses };
}

function valueOf(
  trial: FrozenTrial,
  target: Exclude<ImportanceTarget, { type: 'objective' }>,
): number {
  switch (target.type) {
    case 'intermediate':
      return trial.intermediateValues.get(target.step) ?? NaN;
    case 'duration':
      return trial.startedAtMs === null || trial.completedAtMs === null
        ? NaN
        : trial.completedAtMs - trial.startedAtMs;
    case 'function':
      return target.valueOf(trial);
  }
}

function selectParams(
  history: StudyHistory,
  rows: readonly number[],
): Map<string, ImportanceColumn> {
  const selected = new Map<string, ImportanceColumn>();
  for (const name of [...history.params.keys()].sort()) {
    const column = history.params.get(name);
    if (!column) continue;
    const values = new Float64Array(rows.length);
    const distributionIds = new Int32Array(rows.length);
    let nPresent = 0;
    rows.forEach((row, i) => {
      const value = column.values[row] as number;
      values[i] = value;
      distributionIds[i] = Number.isNaN(value) ? -1 : (column.distributionIds[row] as number);
      if (!Number.isNaN(value)) nPresent++;
    });
    if (nPresent > 0)
      selected.set(name, { values, distributionIds, distributions: column.distributions });
  }
  return selected;
}

const targetKeys: Readonly<Record<ImportanceTarget['type'], readonly string[]>> = {
  objective: ['type', 'index'],
  intermediate: ['type', 'step', 'objective'],
  duration: ['type'],
  function: ['type', 'valueOf', 'direction'],
};

function checkTarget(target: ImportanceTarget | null, nObjectives: number): void {
  checkTargetShape(target);
  const index =
    target?.type === 'objective'
      ? target.index
      : target?.type === 'intermediate'
        ? (target.objective ?? 0)
        : 0;
  if (!(Number.isInteger(index) && index >= 0 && index < nObjectives))
    throw new InvalidArgumentError(
      `The objective must be the index of one of ${nObjectives} objectives, but got ${index}.`,
    );
  if (target?.type === 'intermediate' && !Number.isSafeInteger(target.step))
    throw new InvalidArgumentError(`\`step\` must be a whole number, but got ${target.step}.`);
}

/** A target of another shape would find no trial with a result, which is then said of the trials. */
function checkTargetShape(target: ImportanceTarget | null): void {
  if (target === null) return;
  const shape =
    typeof target === 'object' && Object.hasOwn(targetKeys, target.type)
      ? targetKeys[target.type]
      : null;
  const isWellMade =
    shape !== null &&
    Object.keys(target).every((key) => shape.includes(key)) &&
    (target.type !== 'function' ||
      (typeof target.valueOf === 'function' && studyDirections.includes(target.direction)));
  if (!isWellMade)
    throw new InvalidArgumentError(
      "`target` must be { type: 'objective', index }, { type: 'intermediate', step, objective? }, { type: 'duration' } or " +
        `{ type: 'function', valueOf: (trial) => number, direction }, but got ${typeof target === 'function' ? 'a function' : JSON.stringify(target)}.`,
    );
}

function signOf(direction: StudyDirection | undefined): number {
  return direction === 'maximize' ? -1 : 1;
}
