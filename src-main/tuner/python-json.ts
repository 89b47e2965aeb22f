/**
 * JSON as Python's `json` module writes and reads it, which is what Optuna's attribute and distribution columns hold: ", " and
 * ": " between items, everything beyond ASCII escaped, and the tokens NaN, Infinity and -Infinity, which JSON proper does not have.
 */
import { pythonFloatRepr } from './python-float.ts';
import type { AttrValue } from './trial/frozen-trial.ts';

/**
 * The text of `json.dumps(value)`. Whole numbers up to 2^53 are written as Python's `int`, all others as its `float`.
 */
export function stringifyPythonJson(value: AttrValue): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return stringifyNumber(value);
    case 'string':
      return stringifyString(value);
  }
  if (isList(value)) return `[${value.map(stringifyPythonJson).join(', ')}]`;
  const items = Object.keys(value).map(
    (key) => `${stringifyString(key)}: ${stringifyPythonJson(value[key] as AttrValue)}`,
  );
  return `{${items.join(', ')}}`;
}

/** A number as Python's `float`, never as an `int`: "1.0", "1e-05", "NaN". */
export function stringifyPythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return pythonFloatRepr(value);
}

/**
 * The value of `json.loads(text)`. Whole numbers beyond 2^53 become the nearest double.
 *
 * @throws SyntaxError when the text is not JSON even with Python's tokens.
 */
export function parsePythonJson(text: string): AttrValue {
  try {
    return JSON.parse(text) as AttrValue;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return parseWithTokens(text);
  }
}

/** Before the text of a stored value that is no JSON, which is shown in place of it. */
export const NOT_JSON = 'not JSON: ';

/** Whether a value only shows stored text that is no JSON. */
export function isNotJson(value: AttrValue): boolean {
  if (typeof value !== 'string' || !value.startsWith(NOT_JSON)) return false;
  try {
    parsePythonJson(value.slice(NOT_JSON.length));
    return false;
  } catch {
    return true;
  }
}

/** JSON.parse reads 1e999 as Infinity; for NaN a string stands in that occurs nowhere else in the text. */
function parseWithTokens(text: string): AttrValue {
  let standIn = 'NaN?';
  while (text.includes(standIn)) standIn += '?';
  const json = text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"|-?Infinity|NaN/g, (match) => {
    if (match === 'NaN') return `"${standIn}"`;
    return match === 'Infinity' ? '1e999' : match === '-Infinity' ? '-1e999' : match;
  });
  return JSON.parse(json, (_key, value: unknown) => (value === standIn ? NaN : value)) as AttrValue;
}

function stringifyNumber(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
    ? String(value)
    : stringifyPythonFloat(value);
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function stringifyString(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

function isList(value: AttrValue): value is readonly AttrValue[] {
  return Array.isArray(value);
}
