import type { ParamColumn } from '../../src-main/contract/trials.ts';
import { countValues } from '../../src-main/tuner/distributions.ts';
import { formatChoice } from '../trials/fields.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';

/** A parameter as an axis. */
export interface ParamAxis {
  readonly name: string;
  readonly isLog: boolean;
  readonly isInteger: boolean;
  readonly categories?: readonly string[];
  readonly range: Range;
  /** Where a row is, NaN where the trial does not have the parameter. */
  readonly at: (row: number) => number;
}

/** Multiples of both, without their whole parts, fill a square evenly (Roberts' R2 sequence). */
const GOLDEN_PAIR = [0.754_877_666_247, 0.569_840_290_998] as const;

/** Values so few that points would hide each other are spread a little; always the same way for a trial. */
const MAX_SPREAD_VALUES = 16;

/** @param options.isVertical Spreads by other amounts than a horizontal axis, so that two axes do not make a pattern. */
export function paramAxis(
  column: ParamColumn,
  { isSpread = false, isVertical = false } = {},
): ParamAxis {
  const { name, distribution, values } = column;
  const spread = (row: number): number =>
    ((row * (isVertical ? GOLDEN_PAIR[1] : GOLDEN_PAIR[0])) % 1) - 0.5;
  const spreads = isSpread && countValues(distribution) <= MAX_SPREAD_VALUES;
  if (distribution.type === 'categorical') {
    const n = distribution.choices.length;
    return {
      name,
      isLog: false,
      isInteger: true,
      categories: distribution.choices.map(formatChoice),
      range: [-0.6, n - 0.4],
      at: spreads ? (row) => (values[row] ?? NaN) + spread(row) * 0.5 : (row) => values[row] ?? NaN,
    };
  }
  const { low, high, log, step } = distribution;
  // Bounds may differ between trials, so values may lie outside those of the newest.
  const extent = extentOf([values, [low, high]], log);
  const width = spreads && !log ? 0.4 * (step ?? 0) : 0;
  const [min, max] = paddedRange(extent, log, 0.04);
  return {
    name,
    isLog: log,
    isInteger: distribution.type === 'int',
    range: [min - width / 2, max + width / 2],
    at:
      width > 0 ? (row) => (values[row] ?? NaN) + spread(row) * width : (row) => values[row] ?? NaN,
  };
}
