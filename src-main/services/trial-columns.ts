import type {
  AttrColumn,
  ParamColumn,
  TrialColumns,
  TrialCurves,
  TrialDetail,
} from '../contract/trials.ts';
import type { Distribution } from '../tuner/distributions.ts';
import type { TrialChanges } from '../tuner/storages/storage.ts';
import { isFeasible } from '../tuner/system-attrs.ts';
import {
  lastStep,
  trialStates,
  type AttrValue,
  type FrozenTrial,
} from '../tuner/trial/frozen-trial.ts';
import { failureOf, STOPPED } from './failed-trials.ts';

const stateIndex = new Map(trialStates.map((state, index) => [state, index]));

/** Trials as they cross the wire. */
export function toTrialColumns(
  changes: TrialChanges,
  options: { nObjectives: number; generation: string; isComplete: boolean },
): TrialColumns {
  const { trials } = changes;
  const n = trials.length;
  const columns = {
    trialIds: new Int32Array(n),
    numbers: new Int32Array(n),
    states: new Uint8Array(n),
    values: Array.from({ length: options.nObjectives }, () => new Float64Array(n).fill(NaN)),
    startedAtMs: new Float64Array(n),
    completedAtMs: new Float64Array(n),
    isFeasible: new Uint8Array(n),
    nIntermediate: new Int32Array(n),
    lastSteps: new Int32Array(n),
    lastValues: new Float64Array(n),
  };
  const params = new Map<string, { distribution: Distribution; values: Float64Array }>();
  const userAttrs = new Map<string, AttrValue[]>();
  trials.forEach((trial, row) => {
    columns.trialIds[row] = trial.trialId;
    columns.numbers[row] = trial.number;
    columns.states[row] = stateIndex.get(trial.state) ?? 0;
    trial.values?.forEach((value, objective) => {
      const column = columns.values[objective];
      if (column) column[row] = value;
    });
    columns.startedAtMs[row] = trial.startedAtMs ?? NaN;
    columns.completedAtMs[row] = trial.completedAtMs ?? NaN;
    columns.isFeasible[row] = isFeasible(trial) ? 1 : 0;
    columns.nIntermediate[row] = trial.intermediateValues.size;
    const last = lastStep(trial);
    columns.lastSteps[row] = last ?? -1;
    columns.lastValues[row] = last === null ? NaN : (trial.intermediateValues.get(last) as number);
    for (const name in trial.internalParams) {
      const distribution = trial.distributions[name] as Distribution;
      let column = params.get(name);
      if (!column)
        params.set(name, (column = { distribution, values: new Float64Array(n).fill(NaN) }));
      column.distribution = distribution;
      column.values[row] = trial.internalParams[name] as number;
    }
    for (const name in trial.userAttrs) {
      let column = userAttrs.get(name);
      if (!column) userAttrs.set(name, (column = new Array<AttrValue>(n).fill(null)));
      column[row] = trial.userAttrs[name] as AttrValue;
    }
  });
  return {
    generation: options.generation,
    revision: changes.revision,
    isComplete: options.isComplete,
    ...columns,
    params: [...params].map(([name, column]): ParamColumn => ({ name, ...column })),
    userAttrs: [...userAttrs].map(([name, values]): AttrColumn => ({ name, values })),
    deletedTrialIds: Int32Array.from(changes.deletedTrialIds),
  };
}

/** Intermediate values of trials, one after another. */
export function toTrialCurves(trials: readonly FrozenTrial[]): TrialCurves {
  const nPoints = trials.reduce((sum, trial) => sum + trial.intermediateValues.size, 0);
  const curves = {
    numbers: Int32Array.from(trials, (trial) => trial.number),
    offsets: new Int32Array(trials.length + 1),
    steps: new Int32Array(nPoints),
    values: new Float64Array(nPoints),
  };
  let at = 0;
  trials.forEach((trial, row) => {
    for (const [step, value] of trial.intermediateValues) {
      curves.steps[at] = step;
      curves.values[at] = value;
      at++;
    }
    curves.offsets[row + 1] = at;
  });
  return curves;
}

export function toTrialDetail(trial: FrozenTrial): TrialDetail {
  const { internalParams: _, intermediateValues, ...rest } = trial;
  return {
    ...rest,
    steps: Int32Array.from(intermediateValues.keys()),
    intermediateValues: Float64Array.from(intermediateValues.values()),
    wasStopped: trial.systemAttrs[STOPPED] === true,
    failure: failureOf(trial),
  };
}
