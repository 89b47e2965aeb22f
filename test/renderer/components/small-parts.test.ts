import { describe, expect, it } from 'vitest';

import type { RunStatus } from '../../../src-main/contract/runs.ts';
import { matchScore } from '../../../src-renderer/components/common/match-commands.ts';
import { cliLine, readableJson } from '../../../src-renderer/components/study/setup-snippets.ts';
import {
  backendKept,
  plannedTrials,
  studyStanding,
} from '../../../src-renderer/components/study/where-it-stands.ts';

describe('studyStanding', () => {
  const facts = { isRunnable: true, nRunning: 0, nFinished: 10, target: 50 };

  it('is the run’s state while there is a run', () => {
    const run = { state: 'pausing' } as RunStatus;
    expect(studyStanding(run, facts)).toEqual({ word: 'Pausing', tone: 'live' });
  });

  it.each([
    [facts, 'Idle'],
    [{ ...facts, nFinished: 50 }, 'Finished'],
    [{ ...facts, isRunnable: false }, 'View only'],
    [{ ...facts, isRunnable: false, nRunning: 1 }, 'Watching'],
  ])('without a run: %o is %s', (given, word) => {
    expect(studyStanding(null, given).word).toBe(word);
  });

  it('knows what a study began to train with', () => {
    const kept = (value: unknown) => backendKept({ 'parzen:backend': value });
    expect(kept({ backend: 'wasm', engine: 'fused' })).toEqual({
      name: 'wasm (fused)',
      reason: null,
    });
    expect(kept({ backend: 'tfjs-node', engine: 'tfjs', reason: 'Measured.' })).toEqual({
      name: 'tfjs-node',
      reason: 'Measured.',
    });
    expect(kept(undefined)).toBeNull();
    expect(kept('wasm')).toBeNull();
  });

  it('knows how many trials a spec plans', () => {
    expect(plannedTrials({ stop: { trials: 50 } })).toBe(50);
    expect(plannedTrials({ stop: { timeout: 3 } })).toBeNull();
    expect(plannedTrials(null)).toBeNull();
  });
});

describe('setup snippets', () => {
  it('quotes for the shell', () => {
    const place = { studyName: "it's “new”", path: '/home/me/my files/a.db' };
    expect(cliLine(place, true)).toBe(
      `npx parzen resume 'it'\\''s “new”' --storage '/home/me/my files/a.db'`,
    );
    expect(cliLine({ studyName: 'iris', path: '/a.db' }, false)).toBe(
      'npx parzen trials iris --storage /a.db',
    );
  });
});

describe('readableJson', () => {
  it('gives lists of plain values one line, and says the same', () => {
    const value = { a: [1, 2], b: { c: [{ d: 'x [ y ]' }, []] }, e: {}, f: null };
    expect(readableJson(value)).toBe(
      [
        '{',
        '  "a": [1, 2],',
        '  "b": {',
        '    "c": [',
        '      {',
        '        "d": "x [ y ]"',
        '      },',
        '      []',
        '    ]',
        '  },',
        '  "e": {},',
        '  "f": null',
        '}',
      ].join('\n'),
    );
  });
});

describe('matchScore', () => {
  it('prefers beginnings of words, and needs every word', () => {
    const best = (query: string): string | undefined =>
      ['Show Overview', 'flat search', 'latency and error', 'Theme: light']
        .flatMap((title) => {
          const score = matchScore(title, query);
          return score === null ? [] : [{ title, score }];
        })
        .sort((a, b) => a.score - b.score)[0]?.title;
    expect(best('lat')).toBe('latency and error');
    expect(best('light th')).toBe('Theme: light');
    expect(best('zzz')).toBeUndefined();
  });
});
