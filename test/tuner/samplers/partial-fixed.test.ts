import { describe, expect, it } from 'vitest';
import { setLogger } from '../../../src-main/tuner/logger.ts';
import { GridSampler } from '../../../src-main/tuner/samplers/grid.ts';
import { PartialFixedSampler } from '../../../src-main/tuner/samplers/partial-fixed.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { createSampler } from '../../../src-main/tuner/samplers/registry.ts';
import type { Sampler } from '../../../src-main/tuner/samplers/sampler.ts';
import { TpeSampler } from '../../../src-main/tuner/samplers/tpe/tpe-sampler.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

async function objective(trial: Trial): Promise<number> {
  const x = await trial.suggestFloat('x', -1, 1);
  const kind = await trial.suggestCategorical('kind', ['a', 'b', null]);
  return x ** 2 + (kind === 'a' ? 1 : 0);
}

const newStudy = (sampler: Sampler) =>
  createStudy({ storage: new InMemoryStorage(), sampler, seed: 2 });

describe('PartialFixedSampler', () => {
  it.each([
    new TpeSampler({ nStartupTrials: 3 }),
    new RandomSampler(),
    createSampler('tpe', { group: true, nStartupTrials: 3 }),
  ])('fixes some parameters, and leaves the others to its base (%#)', async (base) => {
    const study = await newStudy(new PartialFixedSampler({ fixedParams: { kind: null }, base }));
    await study.optimize(objective, { nTrials: 15 });
    const trials = await study.getTrials();
    expect(trials.every(({ params }) => params.kind === null)).toBe(true);
    expect(new Set(trials.map(({ params }) => params.x)).size).toBe(15);
  });

  it('lets its base prepare trials and end the study', async () => {
    const base = new GridSampler({ searchSpace: { x: [-1, 0, 1] } });
    const sampler = new PartialFixedSampler({ fixedParams: { kind: 'b' }, base });
    const study = await newStudy(sampler);
    await study.optimize(objective);
    expect((await study.getTrials()).length).toBe(3);
    expect(await sampler.isExhausted(study)).toBe(true);
  });

  it('warns of a value outside the range, and uses it', async () => {
    const warnings: string[] = [];
    setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
    try {
      const study = await newStudy(
        new PartialFixedSampler({ fixedParams: { x: 5 }, base: new RandomSampler() }),
      );
      expect(await (await study.ask()).suggestFloat('x', 0, 1)).toBe(5);
    } finally {
      setLogger(null);
    }
    expect(warnings).toEqual(['Trial 0: the fixed value 5 of "x" is outside float [0, 1].']);
  });

  it('takes its base as data', async () => {
    const base = { type: 'tpe', options: { nStartupTrials: 1 } };
    const sampler = createSampler('partial-fixed', { fixedParams: { kind: 'a' }, base });
    const study = await newStudy(sampler);
    await study.optimize(objective, { nTrials: 3 });
    expect((await study.getTrials()).every(({ params }) => params.kind === 'a')).toBe(true);
    expect(() => createSampler('partial-fixed', { fixedParams: {}, base: { type: 'x' } })).toThrow(
      /sampler must be one of/,
    );
    expect(() => createSampler('partial-fixed', { fixedParams: {} })).toThrow(
      'PartialFixedSampler: `base` must be given.',
    );
  });
});
