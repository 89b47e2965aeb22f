/** Dates as tables write them, in forms that can be read in one way only. */

/**
 * `iso`: ISO 8601, such as 2024-03-01 or 2024-03-01T14:30:00Z. `dayFirst` and `monthFirst`: the numbers between points, slashes or hyphens, the year last and in
 * four digits. All may be followed by a time of 24 hours.
 */
export const dateFormats = ['iso', 'dayFirst', 'monthFirst'] as const;
export type DateFormat = (typeof dateFormats)[number];

const patterns: Record<DateFormat, RegExp> = {
  iso: /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[T ](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)? ?(?<zone>Z|[+-]\d{2}:?\d{2})?$/,
  dayFirst:
    /^(?<day>\d{1,2})([./-])(?<month>\d{1,2})\2(?<year>\d{4})(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)?$/,
  monthFirst:
    /^(?<month>\d{1,2})([./-])(?<day>\d{1,2})\2(?<year>\d{4})(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,]\d+)?)?)?$/,
};

/** A point in time by the clock and calendar of the place that wrote it down. */
export interface WrittenDate {
  /** Milliseconds since 1970 if the clock that wrote it had shown UTC. */
  readonly wallMs: number;
  /** What the clock was ahead of UTC, in minutes; null where it is not said. */
  readonly offsetMinutes: number | null;
  readonly hasTime: boolean;
}

/** The date in a cell; null where it is none, such as 31 February. */
export function parseDate(cell: string, format: DateFormat): WrittenDate | null {
  const groups = patterns[format].exec(cell)?.groups;
  if (!groups) return null;
  const [year, month, day, hour, minute, second] = (
    ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
  ).map((name) => Number(groups[name] ?? 0)) as [number, number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return null;
  return {
    wallMs: date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000,
    offsetMinutes: groups.zone === undefined ? null : toMinutes(groups.zone),
    hasTime: groups.hour !== undefined,
  };
}

function toMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number) as [number, number];
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** What can be learned from of a date. The weekday counts from Monday, 0. */
export const dateParts = ['year', 'month', 'day', 'weekday', 'hour'] as const;
export type DatePart = (typeof dateParts)[number];

/** How many there are of a part before it begins anew; the year never does. A month has 31 days here, so that the 1st is near the last of all months. */
export const datePeriods: Record<DatePart, number | null> = {
  year: null,
  month: 12,
  day: 31,
  weekday: 7,
  hour: 24,
};

/** One part of a date that is given as its milliseconds; counted from 0 except for the year, hours with their minutes as decimals. */
export function datePartOf(wallMs: number, part: DatePart): number {
  const date = new Date(wallMs);
  switch (part) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth();
    case 'day':
      return date.getUTCDate() - 1;
    case 'weekday':
      return (date.getUTCDay() + 6) % 7;
    case 'hour':
      return date.getUTCHours() + date.getUTCMinutes() / 60;
  }
}
