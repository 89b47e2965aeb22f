import type { ParamColumn } from '../../src-main/contract/trials.ts';
import { countValues, type Distribution } from '../../src-main/tuner/distributions.ts';
import { formatChoice } from '../trials/fields.ts';
import type { LogBase } from './ticks.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';

/** A parameter as an axis. */
export interface ParamAxis {
  readonly name: string;
  readonly isLog: boolean;
  readonly logBase?: LogBase;
  readonly isInteger: boolean;
  readonly categories?: readonly string[];
  readonly range: Range;
}

export interface ParamAxisOptions {
  /** Values so few that points would hide each other are spread a little; always the same way for a trial. */
  readonly isSpread?: boolean;
  /** Spreads by other amounts than a horizontal axis, so that two axes do not make a pattern. */
  readonly isVertical?: boolean;
}

/** Multiples of both, without their whole parts, fill a square evenly (Roberts' R2 sequence). */
const GOLDEN_PAIR = [0.754_877_666_247, 0.569_840_290_998] as const;

const MAX_SPREAD_VALUES = 16;

export function paramAxis(column: ParamColumn, options: ParamAxisOptions = {}): ParamAxis {
  const { name, distribution, values } = column;
  if (distribution.type === 'categorical') {
    const n = distribution.choices.length;
    const categories = distribution.choices.map(formatChoice);
    return { name, isLog: false, isInteger: true, categories, range: [-0.6, n - 0.4] };
  }
  const { low, high, log } = distribution;
  // Bounds may differ between trials, so values may lie outside those of the newest.
  const extent = extentOf([values, [low, high]], log);
  const [min, max] = paddedRange(extent, log, 0.04);
  const width = spreadOf(distribution, options);
  return {
    name,
    isLog: log,
    logBase: isPowerOfTwo(low) && isPowerOfTwo(high) ? 2 : 10,
    isInteger: distribution.type === 'int',
    range: [min - width / 2, max + width / 2],
  };
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}

/** Where a row is on the axis, NaN where the trial does not have the parameter. */
export function paramPlaces(
  { distribution, values }: ParamColumn,
  options: ParamAxisOptions = {},
): (row: number) => number {
  const width = spreadOf(distribution, options);
  if (width === 0) return (row) => values[row] ?? NaN;
  const share = options.isVertical ? GOLDEN_PAIR[1] : GOLDEN_PAIR[0];
  return (row) => (values[row] ?? NaN) + (((row * share) % 1) - 0.5) * width;
}

/** How far the points of one value are spread, in values; 0: not at all. */
function spreadOf(distribution: Distribution, { isSpread = false }: ParamAxisOptions): number {
  if (!isSpread || countValues(distribution) > MAX_SPREAD_VALUES) return 0;
  if (distribution.type === 'categorical') return 0.5;
  return distribution.log ? 0 : 0.4 * (distribution.step ?? 0);
}
