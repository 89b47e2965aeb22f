import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../tuner/distributions.ts';
import type { CategoricalChoice, Distribution } from '../tuner/distributions.ts';
import type { Trial } from '../tuner/trial/trial.ts';

/** A part of the search space; exactly one of `float`, `int` and `choices` is there. */
export interface Space<T extends CategoricalChoice = CategoricalChoice> {
  /** The parameter's name in the study; `{layer}` stands for the layer's number, counted from 0. */
  name?: string | undefined;
  float?: [number, number] | undefined;
  int?: [number, number] | undefined;
  choices?: T[] | undefined;
  log?: boolean | undefined;
  step?: number | undefined;
}

/** A setting that is either fixed or tuned. */
export type Hyperparameter<T extends CategoricalChoice> = T | Space<T>;

/** A setting of every hidden layer: one for all of them, or a list with one entry per layer. */
export type PerLayer<T extends CategoricalChoice> = Hyperparameter<T> | Hyperparameter<T>[];

function isSpace<T extends CategoricalChoice>(value: Hyperparameter<T>): value is Space<T> {
  return typeof value === 'object' && value !== null;
}

/** Whether weights are given class by class, and not by a rule or as a space of rules. */
export function isWeightPerClass(value: unknown): value is Readonly<Record<string, number>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('choices' in value && Array.isArray(value.choices))
  );
}

/** @throws InvalidArgumentError when bounds, step or choices break the tuner's rules. */
export function toDistribution({ float, int, choices, log, step }: Space): Distribution {
  if (float) return createFloatDistribution(float[0], float[1], { log, step: step ?? null });
  if (int) return createIntDistribution(int[0], int[1], { log, step });
  return createCategoricalDistribution(choices ?? []);
}

/** The largest number a setting can take, for sizing things before any trial is known. */
export function upperBound(value: Hyperparameter<number>): number {
  if (!isSpace(value)) return value;
  return Math.max(...(value.choices ?? [(value.float ?? value.int ?? [0, 0])[1]]));
}

/** The smallest number a setting can take. */
export function lowerBound(value: Hyperparameter<number>): number {
  if (!isSpace(value)) return value;
  return Math.min(...(value.choices ?? [(value.float ?? value.int ?? [0, 0])[0]]));
}

/** All that a setting of words can be, in some layer. */
export function possibleValues<T extends string>(value: PerLayer<T>): T[] {
  const settings: readonly Hyperparameter<T>[] = Array.isArray(value) ? value : [value];
  return settings.flatMap((one) => (isSpace(one) ? (one.choices ?? []) : [one]));
}

/** The fixed value, or what the trial suggests under the setting's name. */
export async function resolve<T extends CategoricalChoice>(
  trial: Pick<Trial, 'suggest'>,
  defaultName: string,
  value: Hyperparameter<T>,
): Promise<T> {
  if (!isSpace(value)) return value;
  return (await trial.suggest(value.name ?? defaultName, toDistribution(value))) as T;
}

/**
 * The setting of one layer. A name with `{layer}` in it is asked once per layer, any other once for all layers. Entries of
 * a list have names of their own, or the default with the layer's number.
 */
export async function resolveLayer<T extends CategoricalChoice>(
  trial: Pick<Trial, 'suggest'>,
  defaultName: string,
  value: PerLayer<T>,
  layer: number,
): Promise<T> {
  const own = Array.isArray(value) ? value[layer] : value;
  if (own === undefined) throw new RangeError(`No setting for layer ${layer}.`);
  if (!isSpace(own)) return own;
  const fallback =
    Array.isArray(value) && !defaultName.includes('{layer}')
      ? `${defaultName}_layer_{layer}`
      : defaultName;
  const name = (own.name ?? fallback).replaceAll('{layer}', String(layer));
  return resolve<T>(trial, name, { ...own, name });
}

/** The setting of each of so many layers, the first one asked for first. */
export async function resolveLayers<T extends CategoricalChoice>(
  trial: Pick<Trial, 'suggest'>,
  defaultName: string,
  value: PerLayer<T>,
  nLayers: number,
): Promise<T[]> {
  const values: T[] = [];
  for (let layer = 0; layer < nLayers; layer++)
    values.push(await resolveLayer(trial, defaultName, value, layer));
  return values;
}
