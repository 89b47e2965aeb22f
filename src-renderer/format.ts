/** Numbers and times as people read them. One place, so that a value looks the same in table, chart and card. */

const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const dateTimes = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const days = new Intl.DateTimeFormat('en-GB', { month: 'short', day: '2-digit' });
const wholeDays = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
});
const times = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `digits` significant digits, an exponent only where a plain number would be unreadable: 0.9667, 1234.5, 1,293,051, 1.2e-5, −∞. */
export function formatNumber(value: number, digits = 5): string {
  return grouped(formatUngrouped(value, digits));
}

/** Where the number is a name that is looked for elsewhere, or where there is little room. */
export function formatUngrouped(value: number, digits = 5): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return withMinus(String(value));
  if (size >= 1e7 || size < 1e-4) {
    const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
    return withMinus(`${trimZeros(mantissa)}e${exponent.replace('+', '')}`);
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return withMinus(trimZeros(value.toFixed(Math.min(decimals, 12))));
}

const ticks = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  maximumSignificantDigits: 5,
});

/** For an axis, where there is little room: 0.25, 1500, 250K, 6M. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  return size >= 1e5 && size < 1e12 ? withMinus(ticks.format(value)) : formatUngrouped(value, 4);
}

/** A name with its middle left out where it is longer than so many characters: names often differ at their ends. */
export function shortenMiddle(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const nLast = Math.floor((maxLength - 1) * 0.4);
  return `${name.slice(0, maxLength - 1 - nLast)}…${name.slice(name.length - nLast)}`;
}

/**
 * Names that stand beside each other, each at most so long. Where those left would look alike, what all of them begin and end with is what
 * is left out: of `encoder.block_3.dropout_rate` the 3 is seen.
 */
export function shortenNames(names: readonly string[], maxLength: number): string[] {
  const short = names.map((name) => shortenMiddle(name, maxLength));
  const long = [...new Set(names)].filter(({ length }) => length > maxLength);
  if (new Set(short).size === new Set(names).size || long.length < 2) return short;
  const nFirst = sharedLength(long);
  const nLast = sharedLength(long.map((name) => [...name.slice(nFirst)].reverse().join('')));
  return names.map((name, i) =>
    name.length > maxLength
      ? around(name, nFirst, name.length - nLast, maxLength)
      : (short[i] as string),
  );
}

/** So many characters of a name, with those from `start` to `end` in their middle. */
function around(name: string, start: number, end: number, maxLength: number): string {
  const room = maxLength - 2 - (end - start);
  if (room < 0) return `…${shortenMiddle(name.slice(start, end), maxLength - 1)}`;
  const from = Math.max(0, Math.min(start - Math.ceil(room / 2), name.length - maxLength + 1));
  const to = Math.min(name.length, from + maxLength - (from > 0 ? 2 : 1));
  return `${from > 0 ? '…' : ''}${name.slice(from, to)}${to < name.length ? '…' : ''}`;
}

/** How many characters all of them begin with. */
function sharedLength(names: readonly string[]): number {
  const [first = '', ...others] = names;
  let n = 0;
  while (n < first.length && others.every((name) => name[n] === first[n])) n++;
  return n;
}

export function formatCount(value: number): string {
  return integers.format(value);
}

/** 840 ms, 12.4 s, 3 min 05 s, 2 h 10 min, 3 d 4 h. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60)
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Local time; '–' for NaN. */
export function formatDateTime(ms: number): string {
  return Number.isFinite(ms) ? dateTimes.format(ms).replace(',', '') : '–';
}

/** Local time of day. */
export function formatTime(ms: number): string {
  return times.format(ms);
}

/** 27 Nov. */
export function formatDay(ms: number): string {
  return days.format(ms);
}

/** The days of a span of time: 27 Nov 2026, or 27–28 Nov 2026. */
export function formatDays([fromMs, toMs]: readonly [number, number]): string {
  return wholeDays.formatRange(fromMs, toMs);
}

/** 27 Nov 2026. */
export function formatDate(ms: number): string {
  return wholeDays.format(ms);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Trials per second, or per minute or hour where that reads better. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1) return `${formatNumber(perSecond, 3)} /s`;
  if (perSecond * 60 >= 1) return `${formatNumber(perSecond * 60, 3)} /min`;
  return `${formatNumber(perSecond * 3600, 3)} /h`;
}

export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '< 0.1 %';
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** The name of a program, as it writes itself. */
export function capitalize(name: string): string {
  return name === 'v8' ? 'V8' : name.charAt(0).toUpperCase() + name.slice(1);
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** From five digits on: four are read at a glance. */
function grouped(text: string): string {
  const [whole = '', ...fraction] = text.split('.');
  return /\d{5}/.test(whole)
    ? [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.')
    : text;
}

function withMinus(text: string): string {
  return text.replace('-', '−').replace('e−', 'e-').replace('e-', 'e−');
}
