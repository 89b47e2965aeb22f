import type {
  AttrColumn,
  ParamColumn,
  TrialColumns,
  TrialCurves,
} from '../../../src-main/contract/trials.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  toInternal,
  type CategoricalChoice,
  type Distribution,
  type ParamValue,
} from '../../../src-main/tuner/distributions.ts';
import {
  trialStates,
  type AttrValue,
  type TrialState,
} from '../../../src-main/tuner/trial/frozen-trial.ts';
import { TrialTable } from '../../../src-renderer/trials/trial-table.ts';
import type { TrialView } from '../../../src-renderer/trials/trial-view.ts';
import conditional from '../../fixtures/optuna/optuna-5.0/history_cond.json';
import flat from '../../fixtures/optuna/optuna-5.0/history_flat.json';

/** A trial as tests write it down; what is left out is missing. */
export interface PlainTrial {
  readonly number: number;
  readonly trialId?: number;
  readonly state?: TrialState;
  readonly values?: readonly number[];
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly startedAtMs?: number;
  readonly completedAtMs?: number;
  readonly isFeasible?: boolean;
  /** step -> value. */
  readonly intermediate?: readonly (readonly [number, number])[];
  readonly userAttrs?: Readonly<Record<string, AttrValue>>;
}

export type Distributions = Readonly<Record<string, Distribution>>;

/** What the main side would send for these trials. */
export function toTrialColumns(
  trials: readonly PlainTrial[],
  distributions: Distributions,
  change: Partial<TrialColumns> = {},
): TrialColumns {
  const nObjectives = Math.max(1, ...trials.map(({ values }) => values?.length ?? 0));
  const params = Object.entries(distributions).flatMap(([name, distribution]): ParamColumn[] => {
    const values = Float64Array.from(trials, ({ params = {} }) => {
      const value = params[name];
      return value === undefined ? NaN : toInternal(distribution, value);
    });
    return values.every(Number.isNaN) ? [] : [{ name, distribution, values }];
  });
  const attrNames = new Set(trials.flatMap(({ userAttrs = {} }) => Object.keys(userAttrs)));
  const userAttrs = [...attrNames].map((name): AttrColumn => ({
    name,
    values: trials.map((trial) => trial.userAttrs?.[name] ?? null),
  }));
  const last = (trial: PlainTrial): readonly [number, number] =>
    trial.intermediate?.at(-1) ?? [-1, NaN];
  return {
    generation: 'g1',
    revision: 1,
    isComplete: true,
    trialIds: Int32Array.from(trials, ({ trialId, number }) => trialId ?? number + 1),
    numbers: Int32Array.from(trials, ({ number }) => number),
    states: Uint8Array.from(trials, ({ state = 'complete' }) => trialStates.indexOf(state)),
    values: Array.from({ length: nObjectives }, (_, k) =>
      Float64Array.from(trials, ({ values }) => values?.[k] ?? NaN),
    ),
    startedAtMs: Float64Array.from(trials, ({ startedAtMs }) => startedAtMs ?? NaN),
    completedAtMs: Float64Array.from(trials, ({ completedAtMs }) => completedAtMs ?? NaN),
    isFeasible: Uint8Array.from(trials, ({ isFeasible = true }) => (isFeasible ? 1 : 0)),
    nIntermediate: Int32Array.from(trials, ({ intermediate }) => intermediate?.length ?? 0),
    lastSteps: Int32Array.from(trials, (trial) => last(trial)[0]),
    lastValues: Float64Array.from(trials, (trial) => last(trial)[1]),
    params,
    userAttrs,
    deletedTrialIds: new Int32Array(),
    ...change,
  };
}

export function toView(
  trials: readonly PlainTrial[],
  distributions: Distributions = {},
): TrialView {
  const table = new TrialTable();
  table.apply(toTrialColumns(trials, distributions));
  return table.view();
}

export interface History {
  readonly trials: readonly PlainTrial[];
  readonly distributions: Distributions;
}

/** 100 complete trials of 8 parameters of every kind, minimize. */
export const flatHistory = (): History => readHistory(flat as unknown as StoredHistory);
/** The notebook's conditional space, maximize: 30 complete, 8 pruned, 1 failed, 1 running, with intermediate values. */
export const conditionalHistory = (): History =>
  readHistory(conditional as unknown as StoredHistory);

interface StoredDistribution {
  readonly name: string;
  readonly attributes: {
    readonly low?: number;
    readonly high?: number;
    readonly log?: boolean;
    readonly step?: number | null;
    readonly choices?: readonly CategoricalChoice[];
  };
}

interface StoredHistory {
  readonly distributions: Readonly<Record<string, StoredDistribution>>;
  readonly trials: readonly {
    readonly number: number;
    readonly state: string;
    readonly values: readonly (number | string)[] | null;
    readonly params: Readonly<Record<string, ParamValue>>;
    readonly intermediate_values: Readonly<Record<string, number | string>>;
    readonly user_attrs: Readonly<Record<string, AttrValue>>;
    readonly datetime_start: string | null;
    readonly datetime_complete: string | null;
  }[];
}

function readHistory(stored: StoredHistory): History {
  const time = (at: string | null): number | undefined =>
    at === null ? undefined : Date.parse(`${at.slice(0, 23)}Z`);
  return {
    distributions: Object.fromEntries(
      Object.entries(stored.distributions).map(([name, entry]) => [name, readDistribution(entry)]),
    ),
    trials: stored.trials.map((trial) => ({
      number: trial.number,
      state: trial.state.toLowerCase() as TrialState,
      values: trial.values?.map(Number),
      params: trial.params,
      startedAtMs: time(trial.datetime_start),
      completedAtMs: time(trial.datetime_complete),
      intermediate: Object.entries(trial.intermediate_values).map(
        ([step, value]) => [Number(step), Number(value)] as const,
      ),
      userAttrs: trial.user_attrs,
    })),
  };
}

function readDistribution({ name, attributes }: StoredDistribution): Distribution {
  const { low = 0, high = 1, log = false, step, choices = [] } = attributes;
  if (name === 'CategoricalDistribution') return createCategoricalDistribution(choices);
  if (name === 'IntDistribution') return createIntDistribution(low, high, { log, step: step ?? 1 });
  return createFloatDistribution(low, high, { log, step: step ?? null });
}

/** The curves of these trials, as the main side sends them. */
export function toCurves(trials: readonly PlainTrial[]): TrialCurves {
  const points = trials.map(({ intermediate = [] }) => intermediate);
  const offsets = [0];
  for (const { length } of points) offsets.push((offsets.at(-1) ?? 0) + length);
  return {
    numbers: Int32Array.from(trials, ({ number }) => number),
    offsets: Int32Array.from(offsets),
    steps: Int32Array.from(points.flat(), ([step]) => step),
    values: Float64Array.from(points.flat(), ([, value]) => value),
  };
}
