import {
  countValues,
  toExternal,
  type Distribution,
  type ParamValue,
} from '../../src-main/tuner/distributions.ts';
import { internalFromUnit } from '../../src-main/tuner/search-space/transform.ts';

/** More values than this are not all tried at first. */
const MAX_VALUES = 5;
const N_OF_MANY = 3;

/** The values of a parameter that a grid begins with: all of a few, else both ends and the middle. */
export function gridStart(distribution: Distribution): ParamValue[] {
  const nValues = countValues(distribution);
  const isFew = distribution.type === 'categorical' || nValues <= MAX_VALUES;
  const n = isFew ? nValues : N_OF_MANY;
  const values = Array.from({ length: n }, (_, i) =>
    toExternal(distribution, internalFromUnit(distribution, isFew ? (i + 0.5) / n : i / (n - 1))),
  );
  return [...new Set(values.map((value) => (typeof value === 'number' ? rounded(value) : value)))];
}

/** The middle of a logarithmic range as one would write it. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
