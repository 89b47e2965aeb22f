import { describe, expect, it } from 'vitest';
import { KernelFits, nTrialsFitted } from '../../../src-main/tuner/samplers/gp/kernel-fits.ts';
import { GpSampler } from '../../../src-main/tuner/samplers/gp/gp-sampler.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { copyStudy, createStudy, loadStudy } from '../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

describe('nTrialsFitted', () => {
  it('leaves out at most a twelfth of the trials', () => {
    for (let n = 1; n <= 400; n++) {
      expect(nTrialsFitted(n)).toBeLessThanOrEqual(n);
      expect(nTrialsFitted(n)).toBeGreaterThan((11 / 12) * n - 1);
      expect(nTrialsFitted(n + 1)).toBeGreaterThanOrEqual(nTrialsFitted(n));
    }
  });
});

describe('KernelFits', () => {
  it('fits anew when the trials, the space or the process are others', async () => {
    const study = await createStudy({ storage: new InMemoryStorage() });
    await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 5 });
    const trials = await study.getTrials();
    const history = await study.getHistory();
    const fits = new KernelFits({});
    let nFits = 0;
    const ask = (process: string, space: string, n: number) =>
      fits.paramsOf(history, process, space, trials.slice(0, n), () => {
        nFits++;
        return {
          points: Float64Array.from(trials.slice(0, n), ({ params }) => params.x as number),
          values: Float64Array.from({ length: n }, (_, i) => i - (n - 1) / 2),
          isChoice: [false],
        };
      });
    const first = ask('a', 'x', 4);
    expect(ask('a', 'x', 4)).toBe(first);
    expect(nFits).toBe(1);
    expect(ask('b', 'x', 4)).toEqual(first);
    expect(ask('a', 'x', 5)).not.toEqual(first);
    ask('a', 'y', 5);
    expect(nFits).toBe(4);
  });

  it('gives a resumed study the fits of one that was not interrupted', async () => {
    const objective = async (trial: Trial): Promise<number> =>
      ((await trial.suggestFloat('x', 0, 1)) - 0.3) ** 2 + (await trial.suggestInt('n', 0, 9)) / 9;
    const newSampler = () => new GpSampler({ nStartupTrials: 3 });
    const from = new InMemoryStorage();
    const study = await createStudy({
      storage: from,
      studyName: 'a',
      seed: 3,
      sampler: newSampler(),
    });
    await study.optimize(objective, { nTrials: 33 });
    const to = new InMemoryStorage();
    await copyStudy({ from, to, studyName: 'a' });
    const resumed = await loadStudy({ storage: to, studyName: 'a', sampler: newSampler() });
    for (const one of [study, resumed]) await one.optimize(objective, { nTrials: 3 });
    const paramsOf = async (of: typeof study) => (await of.getTrials()).map(({ params }) => params);
    expect(await paramsOf(resumed)).toEqual(await paramsOf(study));
  });
});
