/**
 * Distributions describe what a parameter may be: tagged plain objects, so they cross any wire.
 *
 * A parameter value has two forms. *External* is what the objective sees: a number, or one of the
 * choices. *Internal* is what is stored and what samplers compute with: always a number; for a
 * categorical parameter the index of the choice.
 * Rules and messages follow `optuna/distributions.py` (5.0).
 */
import { InvalidArgumentError } from './errors.ts';
import { logger } from './logger.ts';
import { checkKeys } from './options.ts';

/** A real number in [low, high]. `step` is null for a continuous range and never set with `log`. */
export interface FloatDistribution {
  readonly type: 'float';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number | null;
}

/** A whole number in {low, low + step, …, high}. With `log`, `low` is at least 1 and `step` is 1. */
export interface IntDistribution {
  readonly type: 'int';
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step: number;
}

export type CategoricalChoice = null | boolean | number | string;

/** One of `choices`, which have no order. */
export interface CategoricalDistribution<Choice extends CategoricalChoice = CategoricalChoice> {
  readonly type: 'categorical';
  readonly choices: readonly Choice[];
}

export type Distribution = FloatDistribution | IntDistribution | CategoricalDistribution;

/** The external form of a parameter's value. */
export type ParamValue = CategoricalChoice;

/** Parameter name -> distribution; names are in insertion order, as suggested. */
export type SearchSpace = Readonly<Record<string, Distribution>>;

export interface FloatOptions {
  /** Sample in log space; `low` must then be above 0. @default false */
  log?: boolean;
  /** Distance between the values allowed, counted from `low`; null: continuous. @default null */
  step?: number | null;
}

export interface IntOptions {
  /** Sample in log space; `low` must then be at least 1. @default false */
  log?: boolean;
  /** Distance between the values allowed, counted from `low`. @default 1 */
  step?: number;
}

const numberOptionNames = { log: true, step: true } as const;

/**
 * @param low Lowest value, finite.
 * @param high Highest value, finite. Where `step` does not divide the range it is lowered to the last
 *   value on the grid, with a warning (in decimal arithmetic: 0.1 divides 0.3).
 * @throws InvalidArgumentError for non-finite bounds, low > high, low <= 0 with `log`, step <= 0, `step` with `log`, or an unknown option.
 */
export function createFloatDistribution(
  low: number,
  high: number,
  options: FloatOptions = {},
): FloatDistribution {
  checkKeys('A float parameter', numberOptionNames, options);
  const { log = false, step = null } = options;
  checkBounds(low, high);
  if (log && step !== null)
    throw new InvalidArgumentError(`\`step\` is not supported with \`log\`, but got ${step}.`);
  if (log && low <= 0)
    throw new InvalidArgumentError(`\`low\` must be above 0 with \`log\`, but got ${low}.`);
  if (step !== null && !(step > 0 && Number.isFinite(step)))
    throw new InvalidArgumentError(`\`step\` must be above 0, but got ${step}.`);
  return {
    type: 'float',
    low,
    high: step === null ? high : alignHigh(low, high, step),
    log,
    step,
  };
}

/**
 * As `createFloatDistribution`, for whole numbers up to 2^53.
 *
 * @throws InvalidArgumentError also when a bound or the step is not a whole number, or `step` is not 1 with `log`.
 */
export function createIntDistribution(
  low: number,
  high: number,
  options: IntOptions = {},
): IntDistribution {
  checkKeys('An int parameter', numberOptionNames, options);
  const { log = false, step = 1 } = options;
  checkBounds(low, high);
  for (const [name, value] of Object.entries({ low, high, step }))
    if (!Number.isSafeInteger(value))
      throw new InvalidArgumentError(
        `\`${name}\` must be a whole number below 2^53, but got ${value}.`,
      );
  if (log && step !== 1)
    throw new InvalidArgumentError(`\`step\` must be 1 with \`log\`, but got ${step}.`);
  if (log && low < 1)
    throw new InvalidArgumentError(`\`low\` must be at least 1 with \`log\`, but got ${low}.`);
  if (step <= 0) throw new InvalidArgumentError(`\`step\` must be above 0, but got ${step}.`);
  return { type: 'int', low, high: alignHigh(low, high, step), log, step };
}

/**
 * @param choices At least one; null, booleans, numbers and strings. Two choices are the same when they are
 *   identical (NaN equals NaN).
 * @throws InvalidArgumentError when empty or when a choice is of another type.
 */
export function createCategoricalDistribution<const Choice extends CategoricalChoice>(
  choices: readonly Choice[],
): CategoricalDistribution<Choice> {
  if (choices.length === 0)
    throw new InvalidArgumentError('`choices` must have at least one element, but got none.');
  for (const choice of choices)
    if (choice !== null && !['boolean', 'number', 'string'].includes(typeof choice))
      throw new InvalidArgumentError(
        `\`choices\` must be null, booleans, numbers or strings, but one is of type ${typeof choice}.`,
      );
  return { type: 'categorical', choices: [...choices] };
}

/** How far from a place on the step grid, in steps, a value may lie and still be on it: sums of decimal numbers are not exact. */
const GRID_TOLERANCE = 1e-8;

/** Whether only one value is possible, so that there is nothing to sample. */
export function isSingle(distribution: Distribution): boolean {
  switch (distribution.type) {
    case 'categorical':
      return distribution.choices.length === 1;
    case 'int':
      return (
        distribution.low === distribution.high ||
        distribution.high - distribution.low < distribution.step
      );
    case 'float':
      return (
        distribution.low === distribution.high ||
        (distribution.step !== null &&
          (distribution.high - distribution.low) / distribution.step < 1 - GRID_TOLERANCE)
      );
  }
}

/** The first (and for `isSingle` the only) value, external. */
export function firstValue(distribution: Distribution): ParamValue {
  return distribution.type === 'categorical' ? (distribution.choices[0] ?? null) : distribution.low;
}

/** Whether an internal value lies in the distribution: in range, on the step grid, a valid index. NaN never does. */
export function containsInternal(distribution: Distribution, internal: number): boolean {
  switch (distribution.type) {
    case 'categorical':
      return Number.isInteger(internal) && internal >= 0 && internal < distribution.choices.length;
    case 'int':
      return (
        distribution.low <= internal &&
        internal <= distribution.high &&
        (internal - distribution.low) % distribution.step === 0
      );
    case 'float': {
      if (!(distribution.low <= internal && internal <= distribution.high)) return false;
      if (distribution.step === null) return true;
      const k = (internal - distribution.low) / distribution.step;
      return Math.abs(k - Math.round(k)) < GRID_TOLERANCE;
    }
  }
}

/**
 * @throws InvalidArgumentError when the value has the wrong type, is NaN, is not positive under `log`, or is not a choice.
 *   Being out of range is not an error here: ask `containsInternal`.
 */
export function toInternal(distribution: Distribution, external: ParamValue): number {
  if (distribution.type === 'categorical') {
    const index = distribution.choices.findIndex(
      (choice) => Object.is(choice, external) || choice === external,
    );
    if (index < 0)
      throw new InvalidArgumentError(
        `The value must be one of ${describeChoices(distribution)}, but got ${JSON.stringify(external)}.`,
      );
    return index;
  }
  if (typeof external !== 'number' || Number.isNaN(external))
    throw new InvalidArgumentError(
      `The value of a numeric parameter must be a number, but got ${String(external)}.`,
    );
  if (distribution.log && external <= 0)
    throw new InvalidArgumentError(`The value must be above 0 with \`log\`, but got ${external}.`);
  return distribution.type === 'int' ? Math.trunc(external) : external;
}

/** The external value of an internal one. @throws InvalidArgumentError for an index beyond the choices. */
export function toExternal(distribution: Distribution, internal: number): ParamValue {
  if (distribution.type === 'float') return internal;
  if (distribution.type === 'int') return Math.trunc(internal);
  const choice = distribution.choices[internal];
  if (choice === undefined)
    throw new InvalidArgumentError(
      `The index of a choice must be below ${distribution.choices.length}, but got ${internal}.`,
    );
  return choice;
}

export function isSameDistribution(a: Distribution, b: Distribution): boolean {
  if (a === b) return true;
  if (a.type === 'categorical' || b.type === 'categorical')
    return (
      a.type === 'categorical' &&
      b.type === 'categorical' &&
      a.choices.length === b.choices.length &&
      a.choices.every((choice, i) => Object.is(choice, b.choices[i]))
    );
  return (
    a.type === b.type &&
    a.low === b.low &&
    a.high === b.high &&
    a.log === b.log &&
    a.step === b.step
  );
}

/**
 * Bounds and steps of a numeric parameter may change between trials of a study; its kind, `log` and the
 * choices of a categorical one may not (`check_distribution_compatibility` of Optuna).
 *
 * @throws InvalidArgumentError naming the parameter and both distributions.
 */
export function checkCompatible(name: string, known: Distribution, given: Distribution): void {
  const isCompatible =
    known.type === given.type &&
    (known.type === 'categorical' || given.type === 'categorical'
      ? isSameDistribution(known, given)
      : known.log === given.log);
  if (!isCompatible)
    throw new InvalidArgumentError(
      `Parameter "${name}" must keep its kind, \`log\` and choices within a study: it was ${describeDistribution(known)}, ` +
        `but now is ${describeDistribution(given)}. Use another name, or another study.`,
    );
}

/** A short readable form: `float [0.001, 0.1] log`, `int [1, 9] step 2`, `one of [32, 64]`. */
export function describeDistribution(distribution: Distribution): string {
  if (distribution.type === 'categorical') return `one of ${describeChoices(distribution)}`;
  const { type, low, high, log, step } = distribution;
  const grid = step === null || (type === 'int' && step === 1) ? '' : ` step ${step}`;
  return `${type} [${low}, ${high}]${log ? ' log' : ''}${grid}`;
}

/** The number of different values, Infinity for a continuous range. */
export function countValues(distribution: Distribution): number {
  if (distribution.type === 'categorical') return distribution.choices.length;
  if (distribution.low === distribution.high) return 1;
  if (distribution.step === null) return Infinity;
  return Math.round((distribution.high - distribution.low) / distribution.step) + 1;
}

function describeChoices(distribution: CategoricalDistribution): string {
  return `[${distribution.choices.map((choice) => (typeof choice === 'number' ? String(choice) : JSON.stringify(choice))).join(', ')}]`;
}

function checkBounds(low: number, high: number): void {
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new InvalidArgumentError(
      `\`low\` and \`high\` must be finite numbers, but got ${low} and ${high}.`,
    );
  if (low > high)
    throw new InvalidArgumentError(
      `\`low\` must not be above \`high\`, but got ${low} and ${high}.`,
    );
}

/** The last value low + k * step that is not above `high`, in exact decimal arithmetic. */
function alignHigh(low: number, high: number, step: number): number {
  if ([low, high, step, high - low].every(Number.isSafeInteger) && (high - low) % step === 0)
    return high;
  const scale = Math.max(...[low, high, step].map(nDecimals));
  const [l, h, s] = [low, high, step].map((value) => toScaledInteger(value, scale)) as [
    bigint,
    bigint,
    bigint,
  ];
  if ((h - l) % s === 0n) return high;
  const aligned = fromScaledInteger(((h - l) / s) * s + l, scale);
  logger.warn(
    `The range [${low}, ${high}] is not divisible by the step ${step}. It is replaced by [${low}, ${aligned}].`,
  );
  return aligned;
}

/** Digits and power of ten of the shortest decimal text of `value`. */
function toDecimal(value: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function nDecimals(value: number): number {
  return Math.max(0, -toDecimal(value).exponent);
}

function toScaledInteger(value: number, scale: number): bigint {
  const { digits, exponent } = toDecimal(value);
  return digits * 10n ** BigInt(exponent + scale);
}

function fromScaledInteger(value: bigint, scale: number): number {
  return Number(`${value}e-${scale}`);
}
