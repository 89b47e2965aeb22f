import { InvalidArgumentError } from 'commander';

/** Parsers of option values; commander adds the option's name to their messages. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

export function nonNegativeInteger(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number from 0 to 2^53 - 1.');
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** A number as Python or JavaScript would write it, infinities and NaN included. */
function number(text: string): number {
  const names: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
  const value = names[text.toLowerCase()] ?? Number(text);
  if (text.trim() === '' || (Number.isNaN(value) && text.toLowerCase() !== 'nan'))
    throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function numbers(text: string, previous: number[] = []): number[] {
  return [...previous, number(text)];
}

/** An object in JSON. */
export function json(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('It must be a JSON object.');
  return value as Record<string, unknown>;
}
