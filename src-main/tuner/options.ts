/**
 * Options of samplers and pruners as plain data, so that constructors, forms, documentation and spec files read the same list.
 */
import type { CategoricalChoice } from './distributions.ts';
import { InvalidArgumentError } from './errors.ts';

interface OptionBase {
  readonly name: string;
  /** A few words for a form's label. */
  readonly title: string;
  /** One or two sentences. */
  readonly description: string;
}

/** A number. With `isInteger` a whole one. */
export interface NumberOption extends OptionBase {
  readonly type: 'number';
  readonly isInteger?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** 'auto' is allowed beside numbers. */
  readonly allowsAuto?: boolean;
  /** null: there is none, and null is allowed; undefined: the option is required. */
  readonly default?: number | 'auto' | null;
}

export interface BooleanOption extends OptionBase {
  readonly type: 'boolean';
  readonly allowsAuto?: boolean;
  readonly default: boolean | 'auto';
}

/** One of a few words. */
export interface ChoiceOption extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}

/** Parameter name -> values to try. */
export interface GridOption extends OptionBase {
  readonly type: 'grid';
}

/** Parameter name -> value. */
export interface ParamsOption extends OptionBase {
  readonly type: 'params';
  /** null: may be left out; undefined: required. */
  readonly default?: null;
}

/** Another sampler or pruner: an object, or in data `{ type, options }`, as a spec has it outside. */
export interface PartOption extends OptionBase {
  readonly type: 'sampler' | 'pruner';
  /** null: may be left out; undefined: required. */
  readonly default?: null;
}

/** Results of another study: a list of `{ params, value }`. */
export interface ResultsOption extends OptionBase {
  readonly type: 'results';
  readonly default: null;
}

/** A function, functions by parameter name, or a list of anything, which only a program can give; not for forms and spec files. */
export interface FunctionOption extends OptionBase {
  readonly type: 'function' | 'functions' | 'list';
}

export type OptionSpec =
  | NumberOption
  | BooleanOption
  | ChoiceOption
  | GridOption
  | ParamsOption
  | PartOption
  | ResultsOption
  | FunctionOption;

/** Options as they come from a form or a file. */
export type OptionValues = Readonly<Record<string, unknown>>;

export const seedOption: NumberOption = {
  type: 'number',
  name: 'seed',
  title: 'Seed',
  description: "Replaces the study's seed.",
  isInteger: true,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: null,
};

/**
 * Options with their defaults filled in; those without one are null.
 *
 * @typeParam Checked What the specs make of the options; the caller answers for it.
 * @param owner Whose options these are, for messages: "TpeSampler".
 * @throws InvalidArgumentError for an unknown option or a value that breaks its rule, naming both.
 */
export function checkOptions<Checked extends object>(
  owner: string,
  specs: readonly OptionSpec[],
  given: object,
): Checked {
  checkKeys(owner, Object.fromEntries(specs.map(({ name }) => [name, true])), given);
  const checked: Record<string, unknown> = {};
  for (const spec of specs) {
    const value = (given as OptionValues)[spec.name];
    if (value === undefined || value === null) checked[spec.name] = defaultOf(owner, spec);
    else {
      const rule = brokenRule(spec, value);
      if (rule !== null)
        throw new InvalidArgumentError(
          `${owner}: \`${spec.name}\` must be ${rule}, but got ${show(value)}.`,
        );
      checked[spec.name] = value;
    }
  }
  return checked as Checked;
}

/**
 * A misspelt option would silently mean its default.
 *
 * @param known Every option as a key; the type of the options makes the list complete.
 * @throws InvalidArgumentError for an unknown option, listing the known ones, and for what is no object.
 */
export function checkKeys<Options extends object>(
  owner: string,
  known: Readonly<Record<keyof Options, true>>,
  given: Options,
): void {
  // A number has no unknown keys: `optimize(objective, 100)` would never end.
  if (!isRecord(given))
    throw new InvalidArgumentError(
      `${owner} takes its options as an object, { ${Object.keys(known)[0]}: … }, but got ${show(given)}.`,
    );
  for (const name in given)
    if (!Object.hasOwn(known, name))
      throw new InvalidArgumentError(
        `${owner} has no option \`${name}\`. Its options are ${Object.keys(known).join(', ') || 'none'}.`,
      );
}

/**
 * A sampler or pruner inside another, as data.
 *
 * @throws InvalidArgumentError for any other key, such as an option that should be under `options`.
 */
export function checkPart(given: object): { type: string; options: OptionValues } {
  const { type, options = {}, ...others } = given as OptionValues;
  const [other] = Object.keys(others);
  if (typeof type !== 'string' || !isRecord(options) || other !== undefined)
    throw new InvalidArgumentError(
      `A sampler or pruner inside another must have a \`type\` and, if any, \`options\`, but got ${show(given)}.`,
    );
  return { type, options };
}

function defaultOf(owner: string, spec: OptionSpec): unknown {
  if (spec.type === 'function' || spec.type === 'functions' || spec.type === 'list') return null;
  const value = 'default' in spec ? spec.default : undefined;
  if (value === undefined)
    throw new InvalidArgumentError(`${owner}: \`${spec.name}\` must be given.`);
  return value;
}

/** The rule the value breaks, as in "must be …", or null. */
function brokenRule(spec: OptionSpec, value: unknown): string | null {
  switch (spec.type) {
    case 'number':
      return isNumberFor(spec, value) ? null : numberRule(spec);
    case 'boolean':
      if (typeof value === 'boolean' || (spec.allowsAuto && value === 'auto')) return null;
      return spec.allowsAuto ? "true, false or 'auto'" : 'true or false';
    case 'choice':
      return spec.choices.includes(value as string)
        ? null
        : `one of ${spec.choices.map((choice) => `'${choice}'`).join(', ')}`;
    case 'grid':
      return isRecord(value) && Object.values(value).every((values) => isChoiceList(values))
        ? null
        : 'an object of parameter names and non-empty lists of null, booleans, numbers or strings';
    case 'params':
      return isRecord(value) && Object.values(value).every(isChoice)
        ? null
        : 'an object of parameter names and null, booleans, numbers or strings';
    case 'results':
      return Array.isArray(value) && value.length > 0 && value.every(isResult)
        ? null
        : 'a list of at least one { params, value }, with params as an object of parameter names and values, and a value that is a number';
    case 'sampler':
    case 'pruner':
      return typeof value === 'object' ? null : `a ${spec.type}`;
    case 'function':
      return typeof value === 'function' ? null : 'a function';
    case 'functions':
      return isRecord(value) && Object.values(value).every((one) => typeof one === 'function')
        ? null
        : 'an object of parameter names and functions';
    case 'list':
      return Array.isArray(value) ? null : 'a list';
  }
}

function isNumberFor(spec: NumberOption, value: unknown): boolean {
  if (spec.allowsAuto && value === 'auto') return true;
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  if (spec.isInteger && !Number.isSafeInteger(value)) return false;
  return value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
}

function numberRule({ isInteger, min, max, allowsAuto }: NumberOption): string {
  const noun = isInteger ? 'a whole number' : 'a number';
  const auto = allowsAuto ? ", or 'auto'" : '';
  if (min !== undefined && max !== undefined) return `${noun} between ${min} and ${max}${auto}`;
  if (min !== undefined) return `${noun} of at least ${min}${auto}`;
  if (max !== undefined) return `${noun} of at most ${max}${auto}`;
  return `${noun}${auto}`;
}

function isChoice(value: unknown): value is CategoricalChoice {
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}

function isResult(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.keys(value).every((key) => key === 'params' || key === 'value') &&
    typeof value['value'] === 'number' &&
    !Number.isNaN(value['value']) &&
    isRecord(value['params']) &&
    Object.values(value['params']).every(isChoice)
  );
}

function isChoiceList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isChoice);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
}
