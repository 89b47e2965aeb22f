import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { TrialPruning } from '../../src-main/contract/trials.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';

const endless = fileURLToPath(
  new URL('../training/children/objectives/endless.mjs', import.meta.url),
);
const fixture = fileURLToPath(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url));

interface PlainTrial {
  readonly state: FrozenTrial['state'];
  readonly values: readonly number[];
  readonly reports: readonly number[];
}

/** What is told of the last of these trials, which ran one after the other. */
async function pruningOf(
  spec: object,
  trials: readonly PlainTrial[],
): Promise<TrialPruning | null> {
  const services = await startServices();
  const own = { name: 'own', run: { module: endless }, sampler: { type: 'random' } };
  const key = await services.handlers['studies.create']({ spec: { ...own, ...spec } }, call);
  const storage = services.library.storage(key.storageId);
  for (const [i, { state, values, reports }] of trials.entries()) {
    await storage.createTrial(key.studyId, {
      state,
      values,
      startedAtMs: 1000 * (i + 1),
      completedAtMs: 1000 * (i + 1) + 500,
      params: {},
      distributions: {},
      intermediateValues: new Map(reports.entries()),
      userAttrs: {},
      systemAttrs: {},
    });
  }
  return services.handlers['trials.pruning']({ key, trialNumber: trials.length - 1 }, call);
}

const complete = (values: number[], reports: number[]): PlainTrial => ({
  state: 'complete',
  values,
  reports,
});
const pruned = (...reports: number[]): PlainTrial => ({ state: 'pruned', values: [], reports });

describe('trials.pruning', () => {
  it('has the limits of the first of several objectives, the way that one goes', async () => {
    const objective = [
      { name: 'accuracy', direction: 'maximize' },
      { name: 'size', direction: 'minimize' },
    ];
    const pruner = { type: 'percentile', options: { percentile: 25, nStartupTrials: 1 } };
    const trials = [complete([4, 1], [4, 8]), complete([2, 1], [2, 6]), pruned(3, 7)];
    expect(await pruningOf({ objective, pruner }, trials)).toEqual({
      pruner: 'percentile',
      steps: Int32Array.of(0, 1),
      basis: 'best',
      phases: ['compared', 'compared'],
      own: Float64Array.of(3, 7),
      thresholds: Float64Array.of(3.5, 7.5),
      uppers: Float64Array.of(NaN, NaN),
      nOthers: Int32Array.of(2, 2),
      rungs: Int32Array.of(-1, -1),
      bracket: null,
      percentile: 25,
      otherTrial: null,
      prunedAtStep: 0,
    });
  });

  it('has the trial and the p-values of a test', async () => {
    const pruner = { type: 'wilcoxon', options: { pThreshold: 0.3 } };
    const trials = [complete([2], [1, 2, 3]), complete([9], [9, 9, 9]), pruned(5, 6, 7)];
    expect(await pruningOf({ pruner }, trials)).toMatchObject({
      basis: 'test',
      phases: ['few', 'compared', 'compared'],
      own: Float64Array.of(NaN, 0.25, 0.125),
      thresholds: Float64Array.of(NaN, 0.3, 0.3),
      nOthers: Int32Array.of(1, 2, 3),
      otherTrial: 0,
      prunedAtStep: 1,
    });
  });

  it('has rungs and the bracket, and says where nothing prunes', async () => {
    const hyperband = { type: 'hyperband', options: { maxResource: 1 } };
    const trials = [complete([1], [1, 2]), complete([3], [3, 4])];
    expect(await pruningOf({ pruner: hyperband }, trials)).toMatchObject({
      basis: 'rung',
      phases: ['interval', 'few'],
      rungs: Int32Array.of(-1, 0),
      bracket: { index: 0, count: 1, firstStep: 1 },
      prunedAtStep: null,
    });
    expect(await pruningOf({ pruner: { type: 'nop' } }, trials)).toMatchObject({
      basis: 'nothing',
      phases: ['never', 'never'],
      thresholds: Float64Array.of(NaN, NaN),
    });
  });

  it('is null for a study of another program, which does not say what its pruner is', async () => {
    const path = join(temporaryFolder(), 'optuna.db');
    copyFileSync(fixture, path);
    const { library, handlers } = await startServices();
    const { storageId } = await handlers['library.openFile']({ path }, call);
    const [study] = await library.storage(storageId).getStudies();
    const key = { storageId, studyId: study!.studyId };
    expect(await handlers['trials.pruning']({ key, trialNumber: 0 }, call)).toBeNull();
  });
});
