import type { StudySummary } from '../../../src-main/contract/library.ts';
import { isBetter } from '../../../src-main/tuner/study/direction.ts';
import { trialStates } from '../../../src-main/tuner/trial/frozen-trial.ts';

/** Studies whose name or tags hold every word, whatever the case, and that have every one of `withTags`. */
export function searchStudies(
  studies: readonly StudySummary[],
  query: string,
  withTags: readonly string[] = [],
): StudySummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return studies.filter(({ studyName, tags }) => {
    const haystack = [studyName, ...tags].join(' ').toLowerCase();
    return (
      words.every((word) => haystack.includes(word)) && withTags.every((tag) => tags.includes(tag))
    );
  });
}

/** All tags of the studies, in the order of the alphabet. */
export function tagsOf(studies: readonly StudySummary[]): string[] {
  const tags = new Set(studies.flatMap((study) => study.tags));
  return [...tags].sort(new Intl.Collator('en', { numeric: true }).compare);
}

export const studySortKeys = ['name', 'direction', 'best', 'trials', 'activity'] as const;
export type StudySortKey = (typeof studySortKeys)[number];

export function countTrials(study: StudySummary): number {
  return trialStates.reduce((sum, state) => sum + study.counts[state], 0);
}

/** Sorted; studies that have nothing to compare come last, and by name where they are equal. */
export function sortStudies(
  studies: readonly StudySummary[],
  key: StudySortKey,
  isDescending: boolean,
): StudySummary[] {
  const sign = isDescending ? -1 : 1;
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  return [...studies].sort((a, b) => {
    const order = compareBy(key, a, b, byName, sign);
    return order !== 0 ? order : byName(a.studyName, b.studyName);
  });
}

function compareBy(
  key: StudySortKey,
  a: StudySummary,
  b: StudySummary,
  byName: (a: string, b: string) => number,
  sign: 1 | -1,
): number {
  if (key === 'name') return sign * byName(a.studyName, b.studyName);
  if (key === 'direction') return sign * byName(a.directions.join(), b.directions.join());
  if (key === 'trials') return sign * (countTrials(a) - countTrials(b));
  if (key === 'activity')
    return missingLast(a.lastActivityMs, b.lastActivityMs, (x, y) => sign * (x - y));
  // Best first means: low where the study minimizes, high where it maximizes. Studies of one direction stay together.
  const [x, y] = [a.directions[0] ?? 'minimize', b.directions[0] ?? 'minimize'];
  if (x !== y && a.best && b.best) return byName(x, y);
  return missingLast(a.best?.value ?? null, b.best?.value ?? null, (v, w) =>
    v === w ? 0 : sign * (isBetter(x, v, w) ? 1 : -1),
  );
}

function missingLast(
  a: number | null,
  b: number | null,
  compare: (a: number, b: number) => number,
): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compare(a, b);
}
