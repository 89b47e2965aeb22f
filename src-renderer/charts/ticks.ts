import { formatDay, formatTime } from '../format.ts';
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
  return linearTicks(range, MIN_TICKS);
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

/** Round values at equal distances, at least so many minus one. */
export function linearTicks([low, high]: Range, atLeast: number): number[] {
  const exponent = Math.floor(Math.log10((high - low) / atLeast));
  const rough = (high - low) / atLeast / 10 ** exponent;
  const step = rough >= 5 ? 5 : rough >= 2 ? 2 : 1;
  // In whole steps, so that the ticks are as round as they look.
  const unit = (count: number): number => Number(`${count * step}e${exponent}`);
  const size = unit(1);
  const [first, last] = [Math.ceil(low / size), Math.floor(high / size)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => unit(first + i));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const timeSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * DAY),
];

/** Round local times of a range, in milliseconds, at most so many; each with what tells it from the others. */
export function timeTicks([low, high]: Range, atMost: number): { at: number; label: string }[] {
  const step =
    timeSteps.find((one) => (high - low) / one < atMost) ??
    DAY * Math.ceil((high - low) / DAY / atMost);
  const ticks: number[] = [];
  // From midnight on, in local time: days are not all as long where clocks are changed.
  const midnight = new Date(low);
  midnight.setHours(0, 0, 0, 0);
  if (step < DAY) {
    const first = midnight.getTime() + Math.ceil((low - midnight.getTime()) / step) * step;
    for (let at = first; at <= high; at += step) ticks.push(at);
  } else {
    for (const day = midnight; day.getTime() <= high; day.setDate(day.getDate() + step / DAY))
      if (day.getTime() >= low) ticks.push(day.getTime());
  }
  return ticks.map((at) => ({ at, label: formatTimeTick(at, step) }));
}

/** As short as the distance of the ticks allows; midnight is the day that begins. */
function formatTimeTick(ms: number, stepMs: number): string {
  const time = new Date(ms);
  const isMidnight =
    time.getHours() + time.getMinutes() + time.getSeconds() + time.getMilliseconds() === 0;
  if (stepMs >= DAY || isMidnight) return formatDay(ms);
  if (stepMs >= MINUTE) return formatTime(ms).slice(0, 5);
  const digits = stepMs >= SECOND ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  const fraction = (time.getMilliseconds() / 1000).toFixed(digits).slice(1);
  return `${formatTime(ms)}${fraction}`;
}
