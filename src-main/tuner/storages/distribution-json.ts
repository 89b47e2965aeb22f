/**
 * Distributions as Optuna stores them: `{"name": …, "attributes": …}`, the same bytes as `distribution_to_json`.
 * Follows `optuna/distributions.py` (5.0), including the names used before Optuna 3.0 and the abbreviated form of `type`.
 */
import type { CategoricalChoice, Distribution } from '../distributions.ts';
import { StorageError } from '../errors.ts';
import { parsePythonJson, stringifyPythonFloat, stringifyPythonJson } from '../python-json.ts';
import type { AttrValue } from '../trial/frozen-trial.ts';

/** The text Optuna would write. Whole numbers among the choices are written as `int`. */
export function stringifyDistribution(distribution: Distribution): string {
  switch (distribution.type) {
    case 'float': {
      const { low, high, log, step } = distribution;
      const [stepText, lowText, highText] = [step, low, high].map((value) =>
        value === null ? 'null' : stringifyPythonFloat(value),
      );
      return `{"name": "FloatDistribution", "attributes": {"step": ${stepText}, "low": ${lowText}, "high": ${highText}, "log": ${log}}}`;
    }
    case 'int': {
      const { low, high, log, step } = distribution;
      return `{"name": "IntDistribution", "attributes": {"log": ${log}, "step": ${step}, "low": ${low}, "high": ${high}}}`;
    }
    case 'categorical':
      return `{"name": "CategoricalDistribution", "attributes": {"choices": ${stringifyPythonJson(distribution.choices)}}}`;
  }
}

/**
 * Reads what any Optuna wrote. Bounds are taken as they are, not checked: a study with a range that could not be made today
 * must still open. A choice that is a list or an object becomes its JSON text.
 *
 * @throws StorageError STORAGE_FAILED for text that is no distribution.
 */
export function parseDistribution(text: string): Distribution {
  let json: AttrValue;
  try {
    json = parsePythonJson(text);
  } catch (error) {
    throw unreadable(text, error);
  }
  if (!isRecord(json)) throw unreadable(text);
  const name = json['name'] ?? json['type'];
  const attributes = isRecord(json['attributes']) ? json['attributes'] : json;
  const number = (key: string): number => {
    const value = attributes[key];
    if (typeof value !== 'number') throw unreadable(text);
    return value;
  };
  const optional = (key: string): number | null => (attributes[key] == null ? null : number(key));
  const float = (log: boolean, step: number | null): Distribution => ({
    type: 'float',
    low: number('low'),
    high: number('high'),
    log,
    step,
  });
  const int = (log: boolean): Distribution => ({
    type: 'int',
    low: number('low'),
    high: number('high'),
    log,
    step: optional('step') ?? 1,
  });
  const isLog = attributes['log'] === true;
  switch (name) {
    case 'FloatDistribution':
    case 'float':
      return float(isLog, optional('step'));
    case 'UniformDistribution':
      return float(false, null);
    case 'LogUniformDistribution':
      return float(true, null);
    case 'DiscreteUniformDistribution':
      return float(false, number('q'));
    case 'IntDistribution':
    case 'int':
      return int(isLog);
    case 'IntUniformDistribution':
      return int(false);
    case 'IntLogUniformDistribution':
      return int(true);
    case 'CategoricalDistribution':
    case 'categorical': {
      const choices = attributes['choices'];
      if (!Array.isArray(choices)) throw unreadable(text);
      return { type: 'categorical', choices: choices.map(toChoice) };
    }
    default:
      throw unreadable(text);
  }
}

/**
 * Turns distributions into text and back with as few objects as possible: the same text gives the same object, and a distribution
 * that was read is written with the text it was read from (Python's 1.0 stays 1.0).
 */
export class DistributionCodec {
  #byText = new Map<string, Distribution>();
  readonly #texts = new WeakMap<Distribution, string>();

  parse(text: string): Distribution {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const distribution = parseDistribution(text);
    if (this.#byText.size >= MAX_INTERNED) this.#byText = new Map();
    this.#byText.set(text, distribution);
    this.#texts.set(distribution, text);
    return distribution;
  }

  stringify(distribution: Distribution): string {
    let text = this.#texts.get(distribution);
    if (text === undefined) {
      text = stringifyDistribution(distribution);
      this.#texts.set(distribution, text);
    }
    return text;
  }
}

/** Studies whose bounds change with every trial must not fill the memory. */
const MAX_INTERNED = 10_000;

function toChoice(value: AttrValue): CategoricalChoice {
  return typeof value === 'object' && value !== null ? stringifyPythonJson(value) : value;
}

function isRecord(value: AttrValue | undefined): value is Readonly<Record<string, AttrValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(text: string, cause?: unknown): StorageError {
  return new StorageError(
    'STORAGE_FAILED',
    `A stored distribution must be one of Optuna's float, int or categorical distributions, but got ${text.slice(0, 200)}.`,
    { cause },
  );
}
