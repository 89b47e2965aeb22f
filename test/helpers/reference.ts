import { readFileSync } from 'node:fs';
import type { Distribution, ParamValue } from '../../src-main/tuner/distributions.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  toInternal,
  type CategoricalChoice,
} from '../../src-main/tuner/distributions.ts';
import type { Attrs, FrozenTrial, TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';

/** A file of test/fixtures/optuna. */
export function readReference(name: string): string {
  return readFileSync(new URL(`../fixtures/optuna/${name}`, import.meta.url), 'utf8');
}

/** JSON in which NaN and infinities are the strings "NaN", "Infinity", "-Infinity". */
export function readReferenceJson<T>(name: string): T {
  return JSON.parse(readReference(name)) as T;
}

/** As readReferenceJson, with these strings made numbers again; for files in which they mean nothing else. */
export function readReferenceNumbers<T>(name: string): T {
  return JSON.parse(readReference(name), (_key, value: unknown) =>
    value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
  ) as T;
}

/** A number of the reference files. */
export function toNumber(value: number | string): number {
  return typeof value === 'number' ? value : Number(value);
}

interface ReferenceDistribution {
  name: 'FloatDistribution' | 'IntDistribution' | 'CategoricalDistribution';
  attributes: {
    low: number;
    high: number;
    log: boolean;
    step: number;
    choices: CategoricalChoice[];
  };
}

interface ReferenceTrial {
  number: number;
  state: string;
  values: (number | string)[] | null;
  params: Record<string, ParamValue>;
  intermediate_values: Record<string, number | string>;
  user_attrs: Attrs;
  datetime_start: string | null;
  datetime_complete: string | null;
}

interface ReferenceHistory {
  direction: 'minimize' | 'maximize';
  distributions: Record<string, ReferenceDistribution>;
  trials: ReferenceTrial[];
}

/** The trials of history_flat.json or history_cond.json. */
export function readHistory(name: 'flat' | 'cond'): {
  direction: 'minimize' | 'maximize';
  distributions: Record<string, Distribution>;
  trials: FrozenTrial[];
} {
  const history = readReferenceJson<ReferenceHistory>(`optuna-5.0/history_${name}.json`);
  const distributions = Object.fromEntries(
    Object.entries(history.distributions).map(([param, distribution]) => [
      param,
      toDistribution(distribution),
    ]),
  );
  return {
    direction: history.direction,
    distributions,
    trials: history.trials.map((trial) => toFrozenTrial(trial, distributions)),
  };
}

function toDistribution({ name, attributes }: ReferenceDistribution): Distribution {
  const { low, high, log, step, choices } = attributes;
  if (name === 'CategoricalDistribution') return createCategoricalDistribution(choices);
  return name === 'IntDistribution'
    ? createIntDistribution(low, high, { log, step })
    : createFloatDistribution(low, high, { log, step });
}

function toFrozenTrial(
  trial: ReferenceTrial,
  distributions: Record<string, Distribution>,
): FrozenTrial {
  const names = Object.keys(trial.params);
  return {
    trialId: trial.number + 1,
    number: trial.number,
    state: trial.state.toLowerCase() as TrialState,
    values: trial.values?.map(toNumber) ?? null,
    startedAtMs: toMs(trial.datetime_start),
    completedAtMs: toMs(trial.datetime_complete),
    params: trial.params,
    internalParams: Object.fromEntries(
      names.map((name) => [
        name,
        toInternal(distributions[name] as Distribution, trial.params[name] as ParamValue),
      ]),
    ),
    distributions: Object.fromEntries(
      names.map((name) => [name, distributions[name] as Distribution]),
    ),
    intermediateValues: new Map(
      Object.entries(trial.intermediate_values).map(([step, value]) => [
        Number(step),
        toNumber(value),
      ]),
    ),
    userAttrs: trial.user_attrs,
    systemAttrs: {},
  };
}

/** Naive ISO time with microseconds, taken as UTC. */
function toMs(time: string | null): number | null {
  if (time === null) return null;
  const [seconds = '', fraction = '0'] = time.split('.');
  return Date.parse(`${seconds}Z`) + Number(fraction.padEnd(6, '0')) / 1000;
}
