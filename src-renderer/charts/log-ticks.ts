import type { Range } from './scale.ts';

export type LogBase = 2 | 10;

/** Fewer ticks do not show that an axis is logarithmic. */
const MIN_TICKS = 3;
const MAX_POWERS = 9;
/** Multiples of each power of ten, as few as do. */
const multiples = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]] as const;

/** Round values of a logarithmic axis: powers of the base, between powers of ten 1-2-5 or closer where the range is narrow. */
export function logTicks(range: Range, base: LogBase = 10): number[] {
  const powers = powersIn(range, base);
  if (powers.length >= MIN_TICKS) {
    const every = Math.ceil(powers.length / MAX_POWERS);
    // Counted from 1, so that the ticks stay where they are while the range moves.
    return powers.filter((power) => power % every === 0).map((power) => powerOf(base, power));
  }
  const [low, high] = range;
  // Ticks of the power below the range may lie within it.
  const [first, last] = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high))];
  for (const steps of multiples) {
    const ticks: number[] = [];
    for (let power = first; power <= last; power++)
      for (const step of steps) {
        const tick = Number(`${step}e${power}`);
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    if (ticks.length >= MIN_TICKS) return ticks;
  }
  return linearTicks(range);
}

function powersIn([low, high]: Range, base: LogBase): number[] {
  const log = base === 2 ? Math.log2 : Math.log10;
  const [first, last] = [Math.ceil(log(low) - 1e-9), Math.floor(log(high) + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** Powers of ten as they are written: 10 ** -5 is not 1e-5. */
function powerOf(base: LogBase, power: number): number {
  return base === 2 ? 2 ** power : Number(`1e${power}`);
}

/** So narrow a range is nearly linear. */
function linearTicks([low, high]: Range): number[] {
  const exponent = Math.floor(Math.log10((high - low) / MIN_TICKS));
  const rough = (high - low) / MIN_TICKS / 10 ** exponent;
  const step = rough >= 5 ? 5 : rough >= 2 ? 2 : 1;
  // In whole steps, so that the ticks are as round as they look.
  const unit = (count: number): number => Number(`${count * step}e${exponent}`);
  const size = unit(1);
  const [first, last] = [Math.ceil(low / size), Math.floor(high / size)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => unit(first + i));
}
