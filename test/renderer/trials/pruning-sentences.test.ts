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
  prunedAtStep: 3,
};

describe('pruningSentences', () => {
  it('says what a pruned trial was measured against', () => {
    const [sentence, warmup] = pruningSentences(pruning, 'pruned');
    expect(sentence).toMatch(/step 3.*0\.65.*0\.7.*8 complete trials/);
    expect(warmup).toMatch(/2 reports.*warm-up/);
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
    expect(sentence({ basis: 'rung' })).toMatch(/its report, 0\.65.*0\.7.*8 other trials.*as far/);
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
