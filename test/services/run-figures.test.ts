import { describe, expect, it } from 'vitest';
import { RunFigures } from '../../src-main/services/run-figures.ts';

describe('RunFigures', () => {
  it('takes the rate from the last trials, and what is left from it', () => {
    const figures = new RunFigures(1000);
    expect(figures.rate()).toBeNull();
    expect(figures.etaMs(5, null, 2000)).toBeNull();
    figures.noteFinish(3000);
    figures.finishedTrials = 1;
    expect(figures.rate()).toBe(0.5);
    expect(figures.etaMs(5, null, 3000)).toBe(8000);
    expect(figures.etaMs(5, 4000, 3000)).toBe(2000);
    expect(figures.etaMs(null, 4000, 9000)).toBe(0);
    // Ten later the first seconds no longer count.
    for (let i = 1; i <= 10; i++) figures.noteFinish(10_000 + 100 * i);
    expect(figures.rate()).toBeCloseTo(10, 12);
    figures.finishedTrials = 11;
    expect(figures.etaMs(5, null, 12_000)).toBe(0);
  });
});
