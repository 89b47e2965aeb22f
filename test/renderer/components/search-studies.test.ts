import { describe, expect, it } from 'vitest';

import type { StudySummary } from '../../../src-main/contract/library.ts';
import {
  searchStudies,
  sortStudies,
  tagsOf,
} from '../../../src-renderer/components/library/search-studies.ts';

function study(studyName: string, facts: Partial<StudySummary> = {}): StudySummary {
  return {
    key: { storageId: 's', studyId: 1 },
    studyName,
    directions: ['minimize'],
    metricNames: null,
    counts: { running: 0, complete: 0, pruned: 0, fail: 0, waiting: 0 },
    best: null,
    nFront: null,
    objectives: [],
    createdAtMs: null,
    lastActivityMs: null,
    tags: [],
    isRunnable: false,
    run: null,
    ...facts,
  };
}
const best = (value: number): StudySummary['best'] => ({ trialNumber: 0, value, nTied: 1 });
const names = (studies: readonly StudySummary[]): string[] =>
  studies.map(({ studyName }) => studyName);

describe('searchStudies', () => {
  it('finds every word in name or tags, whatever the case', () => {
    const studies = [study('Iris small'), study('wine', { tags: ['Small'] }), study('digits')];
    expect(names(searchStudies(studies, 'SMALL'))).toEqual(['Iris small', 'wine']);
    expect(names(searchStudies(studies, 'small iris'))).toEqual(['Iris small']);
    expect(searchStudies(studies, '  ')).toHaveLength(3);
  });
});

describe('tags', () => {
  const studies = [
    study('a', { tags: ['course', 'b 10'] }),
    study('b', { tags: ['course'] }),
    study('c', { tags: ['b 9'] }),
  ];

  it('are all wanted at once, and beside the words', () => {
    expect(names(searchStudies(studies, '', ['course']))).toEqual(['a', 'b']);
    expect(names(searchStudies(studies, '', ['course', 'b 10']))).toEqual(['a']);
    expect(names(searchStudies(studies, 'b', ['course']))).toEqual(['a', 'b']);
    expect(names(searchStudies(studies, 'c', ['b 9']))).toEqual(['c']);
  });

  it('are listed once, as people count', () => {
    expect(tagsOf(studies)).toEqual(['b 9', 'b 10', 'course']);
  });
});

describe('sortStudies', () => {
  it('sorts names as people count', () => {
    const studies = [study('run 10'), study('run 9')];
    expect(names(sortStudies(studies, 'name', false))).toEqual(['run 9', 'run 10']);
  });

  it('knows that best is low or high, and puts studies without one last', () => {
    const studies = [study('none'), study('a', { best: best(2) }), study('b', { best: best(1) })];
    expect(names(sortStudies(studies, 'best', true))).toEqual(['b', 'a', 'none']);
    expect(names(sortStudies(studies, 'best', false))).toEqual(['a', 'b', 'none']);
    const up = ['x', 'y'].map((name, i) =>
      study(name, { directions: ['maximize'], best: best(i) }),
    );
    expect(names(sortStudies(up, 'best', true))).toEqual(['y', 'x']);
  });

  it('shows the last activity first', () => {
    const studies = [
      study('never'),
      study('old', { lastActivityMs: 1 }),
      study('new', { lastActivityMs: 2 }),
    ];
    expect(names(sortStudies(studies, 'activity', true))).toEqual(['new', 'old', 'never']);
  });
});
