import { describe, expect, it } from 'vitest';

import { withWarmStart } from '../../src-main/services/warm-start.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
} from '../../src-main/tuner/distributions.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';
import { frozenTrial } from '../helpers/frozen-trial.ts';

/** What a maximizing study begins with because of trials with these values, best first. */
async function sourceOf(values: readonly number[], direction: 'minimize' | 'maximize') {
  const storage = new InMemoryStorage();
  const study = await createStudy({ storage, studyName: 'before', direction });
  for (const [i, value] of values.entries())
    await study.addTrial(
      frozenTrial({
        number: i,
        values: [value],
        params: { x: i, limit: Infinity, kind: 'a' },
        distributions: {
          x: createFloatDistribution(0, 10),
          limit: createCategoricalDistribution([1, Infinity]),
          kind: createCategoricalDistribution(['a', 'b']),
        },
      }),
    );
  const spec = parseSpec(
    {
      name: 'after',
      run: { module: '/own.mjs' },
      objective: { name: 'gain', direction: 'maximize' },
      sampler: { type: 'cma-es', options: { sigma0: 0.5 } },
    },
    'The spec',
  );
  const warm = await withWarmStart(spec, { storage, studyId: study.studyId });
  expect(warm.sampler.options).toMatchObject({ sigma0: 0.5 });
  return warm.sampler.options.source;
}

describe('withWarmStart', () => {
  it('takes the best first, with what JSON and CMA-ES can hold of them', async () => {
    expect(await sourceOf([1, 3, -Infinity, 2, Infinity], 'maximize')).toEqual([
      { params: { x: 1 }, value: 3 },
      { params: { x: 3 }, value: 2 },
      { params: { x: 0 }, value: 1 },
    ]);
  });

  it('refuses a study of the other direction, and one that has nothing to begin from', async () => {
    await expect(sourceOf([1], 'minimize')).rejects.toThrow('must have the direction maximize');
    await expect(sourceOf([Infinity], 'maximize')).rejects.toThrow('"before" has none');
  });
});
