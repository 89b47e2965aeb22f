/**
 * The system attributes that carry meaning, Optuna's and ours. Ours start with `parzen:`; all else is read as Optuna
 * writes it.
 */
import { InvalidArgumentError } from './errors.ts';
import type { ParamValue } from './distributions.ts';
import type { AttrValue, Attrs } from './trial/frozen-trial.ts';

/** Trial: parameters that an enqueued trial must use (`Study.enqueue_trial`). */
export const FIXED_PARAMS = 'fixed_params';
/** Trial: constraint values as one list, Optuna 4.9 and older. */
export const CONSTRAINTS = 'constraints';
/** Trial: prefix of one constraint value by name, Optuna 5. */
export const CONSTRAINT_PREFIX = 'constraints:';
/** Study: names of the objectives, as `Study.set_metric_names` writes them, and as the dashboard did. */
export const METRIC_NAMES = 'study:metric_names';
const DASHBOARD_METRIC_NAMES = 'dashboard:objective_names';
/** Study: the seed everything random in it derives from. */
export const SEED = 'parzen:seed';
/** Study: why its last run ended by itself, a `StudyEnd`. */
export const ENDED_BY = 'parzen:ended_by';
/** Trial: the process that runs it, an `Owner`. */
export const OWNER = 'parzen:owner';
/** Trial: names of the parameters that the sampler could not treat together with the others, in the order of their suggestion. */
export const INDEPENDENT_PARAMS = 'parzen:independent_params';
/** Trial: which sampler the automatic choice fell on, and why, an `AutoChoice`. */
export const AUTO = 'parzen:auto';
/** Trial in a shared database: deleted. The row stays, because Optuna numbers new trials by counting rows. */
export const DELETED = 'parzen:deleted';
/** Study in a shared database: ids of the trials so marked, so that other processes notice. */
export const DELETED_TRIALS = 'parzen:deleted_trials';

/** Fixed parameters of an enqueued trial, or an empty object. */
export function fixedParams(systemAttrs: Attrs): Readonly<Record<string, ParamValue>> {
  const fixed = systemAttrs[FIXED_PARAMS];
  return isRecord(fixed) ? (fixed as Record<string, ParamValue>) : {};
}

/**
 * Constraint values in both stored forms, or null where the trial has none. A trial is feasible when every value is <= 0;
 * NaN is infeasible.
 */
export function constraintValues(systemAttrs: Attrs): readonly number[] | null {
  const list = systemAttrs[CONSTRAINTS];
  if (Array.isArray(list)) return list as number[];
  const named = Object.keys(systemAttrs).filter((key) => key.startsWith(CONSTRAINT_PREFIX));
  return named.length === 0 ? null : named.map((key) => systemAttrs[key] as number);
}

/** The attributes of a trial that hold its constraint values. */
export function constraintAttrs(systemAttrs: Attrs): Attrs {
  return Object.fromEntries(
    Object.entries(systemAttrs).filter(
      ([key]) => key === CONSTRAINTS || key.startsWith(CONSTRAINT_PREFIX),
    ),
  );
}

/** Whether no constraint is violated; trials without constraints are feasible. */
export function isFeasible(trial: { readonly systemAttrs: Attrs }): boolean {
  return constraintValues(trial.systemAttrs)?.every((value) => value <= 0) ?? true;
}

/** Names of the objectives, or null where none were set. */
export function metricNames(studySystemAttrs: Attrs): readonly string[] | null {
  const names = studySystemAttrs[METRIC_NAMES] ?? studySystemAttrs[DASHBOARD_METRIC_NAMES];
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
}

/** Why a study ended. */
export interface StudyEnd {
  /** The terminator's name; 'trials', 'timeout' or 'exhausted' where it was none. */
  readonly rule: string;
  /** As in "20 trials in a row brought no better value". */
  readonly reason: string;
}

/** Why the study's last run ended by itself, or null. */
export function studyEnd(studySystemAttrs: Attrs): StudyEnd | null {
  const end = studySystemAttrs[ENDED_BY];
  return isRecord(end) && typeof end.rule === 'string' && typeof end.reason === 'string'
    ? { rule: end.rule, reason: end.reason }
    : null;
}

/** @throws InvalidArgumentError for anything that JSON (with NaN and infinities) cannot hold. */
export function checkAttr(key: string, value: unknown): asserts value is AttrValue {
  if (key.length > 512)
    throw new InvalidArgumentError(
      `The key of an attribute must have at most 512 characters, but got ${key.length}.`,
    );
  const wrong = findWrong(value, '', MAX_DEPTH);
  if (wrong !== null)
    throw new InvalidArgumentError(
      `The attribute "${key}" must be null, a boolean, number, string, or a list or plain object of these, but got ${wrong}.`,
    );
}

/** Python's json takes no more than about a thousand; what holds itself has no end. */
const MAX_DEPTH = 500;

/** What is no attribute's value in it, and where; null where there is nothing. */
function findWrong(value: unknown, path: string, depthLeft: number): string | null {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return null;
  if (!Array.isArray(value) && !isRecord(value))
    return path === '' ? describe(value) : `${describe(value)} at ${path.slice(1)}`;
  if (depthLeft === 0) return `one that is deeper than ${MAX_DEPTH} levels, or holds itself`;
  // Unlike Object.entries, these name what an array leaves out.
  const items = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [name, item] of items) {
    const wrong = findWrong(item, `${path}.${name}`, depthLeft - 1);
    if (wrong !== null) return wrong;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value;
}
