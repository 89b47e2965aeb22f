import { parsePythonJson } from '../../tuner/python-json.ts';
import type { AttrValue } from '../../tuner/trial/frozen-trial.ts';

/** What a line of a command's output says; null: nothing, it is a line for the log. */
export type OutputLine =
  | { readonly type: 'report'; readonly step: number; readonly value: number }
  /** A number alone: the value if none is named and no other number follows. */
  | { readonly type: 'number'; readonly value: number }
  | {
      readonly type: 'result';
      readonly values: number | readonly number[] | null;
      readonly userAttrs: Readonly<Record<string, AttrValue>>;
      readonly constraints: Readonly<Record<string, number>>;
    };

/** Numbers as JavaScript, Python, R and C write them. */
const number = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

/**
 * A JSON object with known keys, `step value`, or a number.
 *
 * @throws TypeError when a JSON object has known keys with values that make no sense.
 */
export function parseOutputLine(line: string): OutputLine | null {
  const text = line.trim();
  if (text.startsWith('{')) return parseObject(text);
  const words = text.split(/\s+/);
  if (!words.every((word) => number.test(word))) return null;
  const [first = '', second] = words;
  if (words.length === 1) return { type: 'number', value: toNumber(first) };
  if (words.length !== 2 || !/^\d+$/.test(first)) return null;
  return { type: 'report', step: Number(first), value: toNumber(second as string) };
}

const knownKeys = ['step', 'value', 'values', 'userAttrs', 'constraint', 'constraints'] as const;

function parseObject(text: string): OutputLine | null {
  let parsed: AttrValue;
  try {
    parsed = parsePythonJson(text);
  } catch {
    return null;
  }
  const object = parsed as Readonly<Record<string, unknown>>;
  if (!knownKeys.some((key) => Object.hasOwn(object, key))) return null;
  const { step, value, values, userAttrs = {}, constraint, constraints = {} } = object;
  const wrong = (key: string, rule: string): TypeError =>
    new TypeError(`\`${key}\` must be ${rule}, but the line was ${text.slice(0, 200)}`);
  if (step !== undefined) {
    if (!Number.isSafeInteger(step) || (step as number) < 0)
      throw wrong('step', 'a whole number from 0 on');
    if (typeof value !== 'number') throw wrong('value', 'a number beside a `step`');
    return { type: 'report', step: step as number, value };
  }
  if (value !== undefined && typeof value !== 'number') throw wrong('value', 'a number');
  if (values !== undefined && !isNumbers(values)) throw wrong('values', 'a list of numbers');
  if (!isRecord(userAttrs)) throw wrong('userAttrs', 'an object');
  if (constraint !== undefined && typeof constraint !== 'number')
    throw wrong('constraint', 'a number');
  if (!isRecord(constraints) || !isNumbers(Object.values(constraints)))
    throw wrong('constraints', 'an object of numbers');
  return {
    type: 'result',
    values: values ?? value ?? null,
    userAttrs,
    constraints: {
      ...(constraints as Record<string, number>),
      ...(constraint === undefined ? {} : { constraint }),
    },
  };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function isRecord(value: unknown): value is Record<string, AttrValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toNumber(word: string): number {
  const lower = word.toLowerCase();
  if (lower.endsWith('nan')) return NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? -Infinity : Infinity;
  return Number(word);
}
