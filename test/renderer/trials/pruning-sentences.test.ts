import { describe, expect, it } from 'vitest';

import type { TrialPruning } from '../../../src-main/contract/trials.ts';
import { thresholdPoints } from '../../../src-renderer/charts/intermediate-values.ts';
import { pruningSentences } from '../../../src-renderer/trials/pruning-sentences.ts';

const pruning: TrialPruning = {
  pruner: 'median',
  basis: 'best',
  steps: Int32Array.of(0, 1, 2, 3),
  phases: ['warmup', 'warmup', 'compared', 'compared'],
  own: Float64Array.of(0.1, 0.2, 0.6, 0.65),
  thresholds: Float64Array.of(NaN, NaN, 0.5, 0.7),
  uppers: new Float64Array(4).fill(NaN),
  nOthers: Int32Array.of(0, 0, 9, 8),
  rungs: Int32Array.of(-1, -1, 0, 1),
  bracket: null,
  percentile: 50,
  otherTrial: null,
  prunedAtStep: 3,
};

describe('pruningSentences', () => {
  it('says what a pruned trial was measured against', () => {
    const [sentence, warmup] = pruningSentences(pruning, 'pruned');
    expect(sentence).toBe(
      'Pruned at step 3: its best report, 0.65, was below the median of 8 complete trials there, 0.7.',
    );
    expect(warmup).toMatch(/2 reports.*warm-up/);
    const loss = { ...pruning, own: Float64Array.of(0.1, 0.2, 0.6, 0.75), percentile: 25 };
    expect(pruningSentences(loss, 'pruned')[0]).toBe(
      'Pruned at step 3: its best report, 0.75, was above 0.7, the limit of the best 25 % of 8 complete trials there.',
    );
  });

  it('says what a trial held against that was not pruned', () => {
    expect(pruningSentences(pruning, 'complete')[0]).toMatch(/^Not pruned: at step 3/);
  });

  it('says why nothing was compared', () => {
    const early = { ...pruning, phases: ['startup', 'startup', 'startup', 'warmup'] as const };
    expect(pruningSentences(early, 'complete')).toEqual([
      expect.stringMatching(/3 reports.*start-up/),
      expect.stringMatching(/1 report lay/),
    ]);
  });

  it('does not make up a limit where the record does not give one', () => {
    const unclear = {
      ...pruning,
      phases: ['warmup', 'warmup', 'startup', 'startup'] as const,
      prunedAtStep: null,
    };
    expect(pruningSentences(unclear, 'pruned')).toEqual([expect.stringMatching(/cannot be told/)]);
    const otherwise = { ...pruning, own: Float64Array.of(0.1, 0.2, 0.6, 0.9), prunedAtStep: null };
    expect(pruningSentences(otherwise, 'pruned')).toEqual([
      expect.stringMatching(/cannot be told/),
    ]);
    const nan = { ...pruning, own: new Float64Array(4).fill(NaN) };
    expect(pruningSentences(nan, 'pruned')).toEqual([expect.stringMatching(/NaN/)]);
  });
});

describe('pruningSentences of other pruners', () => {
  it('names the rung, the bound or the stall that ended a trial', () => {
    const sentence = (change: Partial<TrialPruning>): string =>
      pruningSentences({ ...pruning, ...change }, 'pruned')[0] as string;
    expect(sentence({ basis: 'rung' })).toMatch(
      /rung 1: its report, 0\.65, was below 0\.7.*8 other trials that got as far/,
    );
    const bracket = { index: 2, count: 4, firstStep: 9 };
    expect(pruningSentences({ ...pruning, basis: 'rung', bracket }, 'pruned')).toEqual([
      expect.stringMatching(/rung 1.*8 other trials of its bracket that got as far/),
      expect.stringMatching(/warm-up/),
      expect.stringMatching(/bracket 2 of 4.* step 9/),
    ]);
    expect(sentence({ basis: 'bounds' })).toMatch(/its report, 0\.65, was below 0\.7, a fixed/);
    const uppers = Float64Array.of(NaN, NaN, 0.62, 0.62);
    const thresholds = Float64Array.of(NaN, NaN, 0.1, 0.1);
    expect(sentence({ basis: 'bounds', thresholds, uppers })).toMatch(/was above 0\.62, a fixed/);
    expect(sentence({ basis: 'stall' })).toMatch(/latest reports, 0\.65.*0\.7/);
    expect(
      sentence({ basis: 'rung', phases: ['interval', 'interval', 'interval', 'bootstrap'] }),
    ).toMatch(/step 3: of the first trials/);
    const nan = new Float64Array(4).fill(NaN);
    expect(sentence({ basis: 'bounds', own: nan })).toMatch(/report was NaN/);
  });

  it('has the p-value of a test, and the trial it was made against', () => {
    const test: TrialPruning = {
      ...pruning,
      basis: 'test',
      phases: ['startup', 'few', 'average', 'compared'],
      own: Float64Array.of(NaN, NaN, 0.08, 0.03),
      thresholds: Float64Array.of(NaN, NaN, 0.1, 0.1),
      nOthers: Int32Array.of(0, 1, 2, 3),
      otherTrial: 7,
    };
    const untold = [/1 report came.*start-up/, /1 step too little/, /1 step.*its mean was not/];
    expect(pruningSentences(test, 'pruned')).toEqual([
      expect.stringMatching(/worse than trial 7.*3 reports in common \(p = 0\.03, below 0\.1\)/),
      ...untold.map((pattern) => expect.stringMatching(pattern)),
    ]);
    const kept = { ...test, own: Float64Array.of(NaN, NaN, 0.08, 0.4), prunedAtStep: null };
    expect(pruningSentences(kept, 'complete')[0]).toMatch(
      /^Not pruned: at step 3.*with trial 7.*p = 0\.4, not below 0\.1/,
    );
    const infinite = {
      ...test,
      phases: ['infinite', 'infinite', 'infinite', 'infinite'] as const,
      own: new Float64Array(4).fill(NaN),
      prunedAtStep: null,
    };
    expect(pruningSentences(infinite, 'complete')).toEqual([
      expect.stringMatching(/4 steps reports were not all finite/),
    ]);
    expect(pruningSentences(infinite, 'pruned')).toEqual([expect.stringMatching(/cannot be told/)]);
  });

  it('says where nothing prunes', () => {
    const never = {
      ...pruning,
      basis: 'nothing',
      phases: ['never', 'never', 'never', 'never'],
      prunedAtStep: null,
    } as const;
    expect(pruningSentences(never, 'complete')).toEqual([
      expect.stringMatching(/pruner ends no trial\.$/),
    ]);
    expect(pruningSentences(never, 'pruned')).toEqual([
      expect.stringMatching(/step 3.*objective or another program/),
    ]);
  });

  it('says that patience had not run out', () => {
    const patient = { ...pruning, basis: 'stall', prunedAtStep: null } as const;
    const phases = ['patience', 'patience', 'patience', 'compared'] as const;
    expect(pruningSentences({ ...patient, phases }, 'complete')).toEqual([
      expect.stringMatching(/^Not pruned: at step 3 the best of its latest/),
      expect.stringMatching(/3 steps.*patience/),
    ]);
  });
});

describe('thresholdPoints', () => {
  it('has the steps at which something was compared', () => {
    expect(thresholdPoints(pruning.steps, pruning.thresholds)).toEqual([
      [2, 0.5],
      [3, 0.7],
    ]);
    expect(thresholdPoints(pruning.steps, pruning.uppers)).toEqual([]);
  });
});
