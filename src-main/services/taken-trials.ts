/**
 * Trials of a study that go on in another one whose search space is different: a choice more, a wider range. Optuna does not let a
 * study's choices change, so there a search begins anew.
 */
import { isDeepStrictEqual } from 'node:util';
import type { SpaceParam } from '../training/search-space.ts';
import type { StudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import {
  containsInternal,
  toInternal,
  type CategoricalChoice,
  type Distribution,
} from '../tuner/distributions.ts';
import { constraintAttrs } from '../tuner/system-attrs.ts';
import { readableAttrs } from '../tuner/study/readable-attrs.ts';
import type { AttrValue, FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';

/** System attribute of a trial: the study and the number it had there. */
const TAKEN_FROM = 'parzen:taken_from';

export interface TakenTrials {
  /** In their order, with the distributions of the new space. */
  readonly trials: readonly FrozenTrial[];
  /** Finished trials that the new space could not have suggested. */
  readonly nLeft: number;
}

/**
 * Finished trials that the new space could have suggested too: their values are in its ranges and among its choices, and they have every
 * parameter that is always asked for.
 *
 * @param from.spec The spec of the study they come from, as it was kept.
 * @param to.space null: nobody knows, its program asks as it likes; then all of them fit.
 * @throws ServiceError `TRIALS_NOT_COMPARABLE` where more than ranges and choices differs between the specs, so that values of the one
 *   say nothing about the other.
 */
export function takeTrials(
  from: { studyName: string; spec: StudySpec; trials: readonly FrozenTrial[] },
  to: { spec: StudySpec; space: readonly SpaceParam[] | null },
): TakenTrials {
  const difference = firstDifference(measured(from.spec), measured(to.spec), []);
  if (difference)
    throw new ServiceError(
      'TRIALS_NOT_COMPARABLE',
      `Trials can be taken over where only ranges and choices of the search space differ, but \`${difference.path.join('.')}\` is ${show(difference.to)} and was ${show(difference.from)} in "${from.studyName}". Keep it as it was, or begin without the trials.`,
      { details: { path: difference.path } },
    );
  const finished = from.trials.filter(({ state }) => state === 'complete' || state === 'pruned');
  const trials = finished.flatMap((trial) => {
    const fitted = to.space ? fit(trial, to.space) : {};
    if (!fitted) return [];
    const userAttrs = readableAttrs(
      trial.userAttrs,
      `Trial ${trial.number} of "${from.studyName}"`,
    );
    return [{ ...trial, ...fitted, userAttrs, systemAttrs: attrsOf(trial, from.studyName) }];
  });
  return { trials, nLeft: finished.length - trials.length };
}

/** The trial's parameters under the new distributions, or null where one does not fit. */
function fit(
  trial: FrozenTrial,
  space: readonly SpaceParam[],
): Pick<FrozenTrial, 'distributions' | 'internalParams'> | null {
  if (space.some(({ name, condition }) => condition === null && !Object.hasOwn(trial.params, name)))
    return null;
  const distributions: Record<string, Distribution> = {};
  const internalParams: Record<string, number> = {};
  for (const [name, value] of Object.entries(trial.params)) {
    const distribution = space.find((param) => param.name === name)?.distribution;
    if (!distribution) return null;
    const internal = internalOrNaN(distribution, value);
    if (!containsInternal(distribution, internal)) return null;
    distributions[name] = distribution;
    internalParams[name] = internal;
  }
  return { distributions, internalParams };
}

function internalOrNaN(distribution: Distribution, value: CategoricalChoice): number {
  const isKind =
    distribution.type === 'categorical'
      ? distribution.choices.includes(value)
      : typeof value === 'number' && (!distribution.log || value > 0);
  return isKind ? toInternal(distribution, value) : NaN;
}

/** Only what says something about the trial itself; its network stays with the study it was trained for. */
function attrsOf(trial: FrozenTrial, studyName: string): Record<string, AttrValue> {
  return {
    ...constraintAttrs(trial.systemAttrs),
    [TAKEN_FROM]: { study: studyName, trial: trial.number },
  };
}

/** What decides which value a trial has beside its parameters. The table is compared by its content, not by where it lies. */
function measured(spec: StudySpec): unknown {
  const { objective } = spec;
  if (isProgramStudy(spec)) return { objective, run: spec.run };
  const { table: _, ...data } = spec.data;
  return { objective, data, network: spec.network, training: spec.training };
}

interface Difference {
  readonly path: readonly string[];
  readonly from: unknown;
  readonly to: unknown;
}

/** Where two specs differ by more than the range or the choices of a parameter. */
function firstDifference(from: unknown, to: unknown, path: readonly string[]): Difference | null {
  if (isTuned(from) && isTuned(to) && from.name === to.name) return null;
  if (isSection(from) && isSection(to) && !isTuned(from) && !isTuned(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      const difference = firstDifference(from[key], to[key], [...path, key]);
      if (difference) return difference;
    }
    return null;
  }
  return isDeepStrictEqual(from, to) ? null : { path, from, to };
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isTuned(value: unknown): value is { readonly name?: string } {
  return isSection(value) && ['float', 'int', 'choices'].some((kind) => Array.isArray(value[kind]));
}

function show(value: unknown): string {
  return value === undefined ? 'not given' : JSON.stringify(value);
}
