import { describe, expect, it } from 'vitest';
import { QmcSampler, type QmcSamplerOptions } from '../../../src-main/tuner/samplers/qmc.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

async function paramsOf(
  options: QmcSamplerOptions,
  objective: (trial: Trial) => Promise<number>,
  run: { nTrials: number; nJobs?: number },
) {
  const study = await createStudy({
    storage: new InMemoryStorage(),
    sampler: new QmcSampler(options),
    seed: 1,
  });
  await study.optimize(objective, run);
  return (await study.getTrials()).map(({ params }) => params as Record<string, number>);
}

const nBins = (values: (number | undefined)[], n: number) =>
  new Set(values.map((value) => Math.floor((value as number) * n))).size;

async function plain(trial: Trial): Promise<number> {
  await trial.suggestFloat('x', 0, 1);
  return trial.suggestFloat('y', 0, 1);
}

describe('QmcSampler', () => {
  it.each<QmcSamplerOptions>([{}, { scramble: false }])(
    'spreads the first 2^k trials evenly, with %o',
    async (options) => {
      const params = await paramsOf(options, plain, { nTrials: 32 });
      expect(
        nBins(
          params.map(({ x }) => x),
          32,
        ),
      ).toBe(32);
      expect(
        nBins(
          params.map(({ y }) => y),
          32,
        ),
      ).toBe(32);
    },
  );

  it('does so with several jobs, and with the sequence of Halton', async () => {
    const params = await paramsOf({}, plain, { nTrials: 32, nJobs: 4 });
    expect(
      nBins(
        params.map(({ x }) => x),
        32,
      ),
    ).toBe(32);
    const halton = await paramsOf({ qmcType: 'halton' }, plain, { nTrials: 32 });
    expect(
      nBins(
        halton.map(({ x }) => x),
        32,
      ),
    ).toBe(32);
    expect(
      nBins(
        halton.slice(0, 27).map(({ y }) => y),
        27,
      ),
    ).toBe(27);
  });

  it('spreads parameters of which only some trials have all', async () => {
    const params = await paramsOf(
      {},
      async (trial) => {
        const kind = await trial.suggestCategorical('kind', ['a', 'b']);
        if (kind === 'a') await trial.suggestFloat('a', 0, 1);
        return trial.suggestFloat('c', 0, 1);
      },
      { nTrials: 64 },
    );
    expect(
      nBins(
        params.map(({ c }) => c),
        64,
      ),
    ).toBe(64);
    const ofA = params.flatMap(({ a }) => (a === undefined ? [] : [a]));
    expect(ofA).toHaveLength(32);
    expect(nBins(ofA, 16)).toBe(16);
  });

  it('draws parameters beyond its dimensions at random', async () => {
    const [params] = await paramsOf(
      {},
      async (trial) => {
        for (let i = 0; i < 130; i++) await trial.suggestFloat(`x${i}`, 0, 1);
        return 0;
      },
      { nTrials: 1 },
    );
    expect(new Set(Object.values(params ?? {})).size).toBe(130);
  });

  it('checks its options', () => {
    expect(() => new QmcSampler({ qmcType: 'faure' as never })).toThrow(
      "QmcSampler: `qmcType` must be one of 'sobol', 'halton', but got \"faure\".",
    );
  });
});
