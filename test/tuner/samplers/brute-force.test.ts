import { describe, expect, it } from 'vitest';
import { setLogger } from '../../../src-main/tuner/logger.ts';
import { BruteForceSampler } from '../../../src-main/tuner/samplers/brute-force.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { createStudy, loadStudy, type Study } from '../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

/** The example of Optuna's documentation, with a parameter that depends on another's value. */
async function conditional(trial: Trial): Promise<number> {
  const kind = await trial.suggestCategorical('kind', ['float', 'int', 'none']);
  if (kind === 'float') return trial.suggestFloat('x', 1, 3, { step: 0.5 });
  if (kind === 'none') return 0;
  const a = await trial.suggestInt('a', 1, 3);
  return a + (await trial.suggestInt('b', a, 3));
}

const everything = [
  ...[1, 1.5, 2, 2.5, 3].map((x) => ({ kind: 'float', x })),
  ...[
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 2],
    [2, 3],
    [3, 3],
  ].map(([a, b]) => ({ kind: 'int', a, b })),
  { kind: 'none' },
];

function newStudy(seed = 0, storage = new InMemoryStorage()): Promise<Study> {
  return createStudy({ storage, sampler: new BruteForceSampler(), seed });
}

async function triedBy(study: Study): Promise<string[]> {
  return (await study.getTrials()).map(({ params }) => JSON.stringify(params)).sort();
}

const expected = everything.map((params) => JSON.stringify(params)).sort();

describe('BruteForceSampler', () => {
  it('tries everything once, and ends the study', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const study = await newStudy(seed);
      await study.optimize(conditional);
      expect(await triedBy(study)).toEqual(expected);
      expect(await (study.sampler as BruteForceSampler).isExhausted(study)).toBe(true);
    }
  });

  it('goes on where it was stopped', async () => {
    const storage = new InMemoryStorage();
    const { studyName } = await newStudy(0, storage);
    for (let i = 0; i < 40; i++) {
      const study = await loadStudy({ storage, studyName, sampler: new BruteForceSampler() });
      await study.optimize(conditional, { nTrials: 1 });
      if (study.isStopping) break;
    }
    expect(await triedBy(await loadStudy({ storage, studyName }))).toEqual(expected);
  });

  it('tries everything with several jobs, and repeats little', async () => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        await new Promise((resolve) => setTimeout(resolve, trial.number % 3));
        return conditional(trial);
      },
      { nJobs: 3 },
    );
    const tried = await triedBy(study);
    expect([...new Set(tried)]).toEqual(expected);
    expect(tried.length).toBeLessThanOrEqual(expected.length + 6);
  });

  it('keeps trials that start at once apart', async () => {
    const study = await newStudy();
    const trials = await Promise.all(Array.from({ length: 8 }, () => study.ask()));
    const values: number[] = [];
    for (const trial of trials) values.push(await trial.suggestInt('n', 0, 7));
    expect(values.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('takes failed trials for tried, and forgets deleted ones', async () => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        await conditional(trial);
        throw new Error('on purpose');
      },
      { catch: true },
    );
    expect(await triedBy(study)).toEqual(expected);
    const [first] = await study.getTrials();
    await study.storage.deleteTrial(first?.trialId as number);
    expect(await (study.sampler as BruteForceSampler).isExhausted(study)).toBe(false);
    await study.optimize(conditional);
    expect(await triedBy(study)).toEqual(expected);
  });

  it('takes large ranges', async () => {
    const study = await newStudy();
    const objective = (trial: Trial) => trial.suggestInt('n', 0, Number.MAX_SAFE_INTEGER);
    await study.optimize(objective, { nTrials: 20 });
    expect(new Set(await triedBy(study)).size).toBe(20);
  });

  it('warns when the same values lead to another parameter, and draws at random', async () => {
    const warnings: string[] = [];
    setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
    try {
      const study = await newStudy();
      await study.optimize((trial) => trial.suggestInt(`n${trial.number % 2}`, 1, 9), {
        nTrials: 4,
      });
      expect((await study.getTrials()).length).toBe(4);
    } finally {
      setLogger(null);
    }
    expect(warnings.filter((message) => /the same suggestions/.test(message))).toHaveLength(2);
  });

  it('refuses continuous parameters', async () => {
    const study = await newStudy();
    await expect(study.optimize((trial) => trial.suggestFloat('x', 0, 1))).rejects.toThrow(
      /finitely many values, but "x" is float \[0, 1\]. Give it a `step`/,
    );
  });
});
