/**
 * Times as the columns `datetime_start`, `datetime_complete` and `heartbeat` hold them: `YYYY-MM-DD HH:MM:SS.ffffff` without a zone.
 * Optuna 5 and Parzen mean UTC; Optuna 4.9 and older meant the local time of the machine that wrote.
 */
export type StoredZone = 'utc' | 'local';

/** @param ms Milliseconds since the epoch; the fraction is rounded to microseconds. */
export function formatStoredTime(ms: number, zone: StoredZone = 'utc'): string {
  const micros = Math.round(ms * 1000);
  const date = new Date(Math.floor(micros / 1000));
  const fraction = pad(micros - Math.floor(micros / 1e6) * 1e6, 6);
  if (zone === 'utc') {
    const iso = date.toISOString();
    return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction}`;
  }
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
  const time = `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}`;
  return `${day} ${time}.${fraction}`;
}

/** Milliseconds since the epoch, the fraction carrying microseconds; null for null and for text that is no time. */
export function parseStoredTime(text: string | null, zone: StoredZone = 'utc'): number | null {
  if (text === null) return null;
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?/.exec(text);
  if (match === null) return null;
  const year = Number(match[1]);
  const month = Number(match[2]) - 1;
  const day = Number(match[3]);
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6] ?? 0);
  const ms =
    zone === 'utc'
      ? Date.UTC(year, month, day, hour, minute, second)
      : new Date(year, month, day, hour, minute, second).getTime();
  const micros = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'));
  // One division at the end, as in `roundToMicros`: the same instant is always the same double.
  return (ms * 1000 + micros) / 1000;
}

/** The time now, as it reads after having been stored: epoch milliseconds with microseconds in the fraction. */
export function nowMs(): number {
  const monotonic = performance.timeOrigin + performance.now();
  const wall = Date.now();
  // The monotonic clock has the microseconds, but stands still while the machine sleeps and ignores corrections.
  return roundToMicros(Math.abs(monotonic - wall) < 50 ? monotonic : wall);
}

export function roundToMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
