/**
 * What each write does to a trial, as pure functions from the trial as it was to the fields that change. Every storage uses them,
 * so that they cannot disagree.
 */
import { setOwn, withEntry } from '../own-entries.ts';
import {
  isSameDistribution,
  toExternal,
  toInternal,
  type Distribution,
  type ParamValue,
} from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { FIXED_PARAMS, OWNER, checkAttr, fixedParams } from '../system-attrs.ts';
import type {
  Attrs,
  AttrValue,
  FrozenTrial,
  TrialState,
  TrialTemplate,
} from '../trial/frozen-trial.ts';
import { checkParam, checkStep, checkValues } from './checks.ts';
import type { Owner } from './storage.ts';
import { roundToMicros } from './stored-time.ts';

/** A trial without its identity. */
export type TrialContent = Omit<FrozenTrial, 'trialId' | 'number'>;

/** The fields a write changes. */
export type TrialEdit = Partial<TrialContent>;

/** What trials without parameters or attributes share. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({});
export const NO_INTERMEDIATE_VALUES: ReadonlyMap<number, number> = new Map();

/** A trial that starts now and is run by `owner`. */
export function runningContent(owner: Owner, startedAtMs: number): TrialContent {
  return {
    state: 'running',
    values: null,
    startedAtMs,
    completedAtMs: null,
    params: NOTHING,
    internalParams: NOTHING,
    distributions: NOTHING,
    intermediateValues: NO_INTERMEDIATE_VALUES,
    userAttrs: NOTHING,
    systemAttrs: ownedBy(owner),
  };
}

const attrsByOwner = new WeakMap<Owner, Attrs>();

/** One object for all trials of an owner. */
function ownedBy(owner: Owner): Attrs {
  let attrs = attrsByOwner.get(owner);
  if (!attrs) attrsByOwner.set(owner, (attrs = { [OWNER]: owner }));
  return attrs;
}

/**
 * The template's content, copied and checked.
 *
 * @throws InvalidArgumentError when a name is too long, a parameter and its distribution do not fit together, or a value is NaN.
 */
export function contentFromTemplate(template: TrialTemplate): TrialContent {
  checkValues(template.values);
  for (const step of template.intermediateValues.keys()) checkStep(step);
  const params: Record<string, ParamValue> = {};
  const internalParams: Record<string, number> = {};
  let distributions: Distributions = NOTHING;
  for (const [name, value] of Object.entries(template.params)) {
    if (!Object.hasOwn(template.distributions, name))
      throw new InvalidArgumentError(
        `Every parameter must have a distribution, but "${name}" has none.`,
      );
    const distribution = template.distributions[name] as Distribution;
    const internalValue = toInternal(distribution, value);
    checkParam(name, internalValue, distribution);
    setOwn(params, name, externalValue(distribution, internalValue));
    setOwn(internalParams, name, internalValue);
    distributions = withDistribution(distributions, name, distribution);
  }
  for (const name of Object.keys(template.distributions))
    if (!Object.hasOwn(template.params, name))
      throw new InvalidArgumentError(
        `Every distribution must belong to a parameter, but "${name}" has no value.`,
      );
  return {
    state: template.state,
    values: template.values && [...template.values],
    startedAtMs: template.startedAtMs && roundToMicros(template.startedAtMs),
    completedAtMs: template.completedAtMs && roundToMicros(template.completedAtMs),
    params,
    internalParams,
    distributions,
    intermediateValues: sortedBySteps(template.intermediateValues),
    userAttrs: copyAttrs(template.userAttrs),
    systemAttrs: copyAttrs(template.systemAttrs),
  };
}

export function withParam(
  trial: FrozenTrial,
  name: string,
  internalValue: number,
  distribution: Distribution,
): TrialEdit {
  return {
    params: withEntry(trial.params, name, toExternal(distribution, internalValue)),
    internalParams: withEntry(trial.internalParams, name, internalValue),
    distributions: withDistribution(trial.distributions, name, distribution),
  };
}

/** As `toExternal`, but a file that contradicts itself must still open. */
export function externalValue(distribution: Distribution, internalValue: number): ParamValue {
  if (distribution.type === 'categorical') return distribution.choices[internalValue] ?? null;
  return distribution.type === 'int' ? Math.trunc(internalValue) : internalValue;
}

type Distributions = FrozenTrial['distributions'];

/** From a set of distributions to the one with one more. */
const extensions = new WeakMap<
  Distributions,
  Map<string, { added: Distribution; all: Distributions }>
>();

/** As `withEntry`; trials that ask for the same parameters in the same order share one object. */
function withDistribution(
  distributions: Distributions,
  name: string,
  added: Distribution,
): Distributions {
  let byName = extensions.get(distributions);
  if (!byName) extensions.set(distributions, (byName = new Map()));
  const known = byName.get(name);
  if (known !== undefined && isSameDistribution(known.added, added)) return known.all;
  const all = withEntry(distributions, name, added);
  byName.set(name, { added, all });
  return all;
}

/** `owner` runs the trial from now on. */
export function claimed(trial: FrozenTrial, owner: Owner, now: number): TrialEdit {
  return {
    state: 'running',
    startedAtMs: now,
    systemAttrs: withEntry(trial.systemAttrs, OWNER, owner),
  };
}

export function finished(
  state: TrialState,
  values: readonly number[] | null,
  now: number,
): TrialEdit {
  return { state, values: values && [...values], completedAtMs: now };
}

/** The trial waits again, to be run with the parameters it had. */
export function requeued(trial: FrozenTrial): TrialEdit {
  const { [OWNER]: _owner, ...systemAttrs } = trial.systemAttrs;
  const fixed = { ...fixedParams(trial.systemAttrs), ...trial.params };
  return {
    state: 'waiting',
    values: null,
    startedAtMs: null,
    completedAtMs: null,
    params: NOTHING,
    internalParams: NOTHING,
    distributions: NOTHING,
    intermediateValues: NO_INTERMEDIATE_VALUES,
    systemAttrs:
      Object.keys(fixed).length > 0 ? withEntry(systemAttrs, FIXED_PARAMS, fixed) : systemAttrs,
  };
}

/** A checked deep copy, so that what the caller does to the value later changes nothing stored. */
export function copyAttr(key: string, value: AttrValue): AttrValue {
  checkAttr(key, value);
  return copyValue(value);
}

export function sortedBySteps(values: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  return new Map([...values].sort(([a], [b]) => a - b));
}

function copyAttrs(attrs: Attrs): Attrs {
  const copy: Record<string, AttrValue> = {};
  for (const [key, value] of Object.entries(attrs)) setOwn(copy, key, copyAttr(key, value));
  return copy;
}

function copyValue(value: AttrValue): AttrValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly AttrValue[]).map(copyValue);
  const copy: Record<string, AttrValue> = {};
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, copyValue(item));
  return copy;
}
