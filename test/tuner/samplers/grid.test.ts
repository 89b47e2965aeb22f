import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src-main/tuner/errors.ts';
import { GridSampler } from '../../../src-main/tuner/samplers/grid.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { ParamValue } from '../../../src-main/tuner/distributions.ts';
import { createStudy, loadStudy, type Study } from '../../../src-main/tuner/study/study.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

const searchSpace = { y: ['a', 'b', null], x: [-1, 0, 1, 2] };
const allPoints = searchSpace.x.flatMap((x) => searchSpace.y.map((y) => [x, y]));

async function objective(trial: Trial): Promise<number> {
  const x = await trial.suggestInt('x', -1, 2);
  const y = await trial.suggestCategorical('y', ['a', 'b', null]);
  return x + (y === null ? 1 : 0);
}

function newStudy(options: { seed?: number; storage?: InMemoryStorage } = {}): Promise<Study> {
  const { storage = new InMemoryStorage(), seed } = options;
  return createStudy({ storage, sampler: new GridSampler({ searchSpace, seed }), seed: 0 });
}

async function pointsOf(study: Study): Promise<(ParamValue | undefined)[][]> {
  return (await study.getTrials()).map(({ params }) => [params.x, params.y]);
}

const sorted = (points: unknown[][]) => points.map((point) => JSON.stringify(point)).sort();

describe('GridSampler', () => {
  it("tries the combinations in Optuna's order, and ends the study", async () => {
    // optuna.samplers.GridSampler of 5.0.0 without a seed, and with seed=7.
    const orders = {
      0: '1a 2null 0b 2b -1null 1null -1b 1b 2a 0a -1a 0null',
      7: '1b 2b -1null 0null -1a -1b 2null 1null 0a 1a 2a 0b',
    };
    for (const [seed, order] of Object.entries(orders)) {
      const study = await newStudy({ seed: Number(seed) });
      await study.optimize(objective);
      expect((await pointsOf(study)).map(([x, y]) => `${x}${y}`).join(' ')).toBe(order);
    }
  });

  it("leaves Optuna's attributes", async () => {
    const study = await newStudy();
    await study.optimize(objective, { nTrials: 2 });
    const [first, second] = await study.getTrials();
    expect(first?.systemAttrs).toMatchObject({ grid_id: 0, search_space: searchSpace });
    expect(second?.systemAttrs.grid_id).toBe(1);
  });

  it('goes on where it was stopped', async () => {
    const storage = new InMemoryStorage();
    const study = await newStudy({ storage });
    await study.optimize(objective, { nTrials: 5 });
    const again = await loadStudy({
      storage,
      studyName: study.studyName,
      sampler: new GridSampler({ searchSpace }),
    });
    await again.optimize(objective);
    expect(sorted(await pointsOf(again))).toEqual(sorted(allPoints));
  });

  it('fills the gaps that enqueued trials leave, and never runs two trials of one combination at once', async () => {
    const study = await newStudy();
    await study.enqueueTrial({ x: 0, y: 'a' });
    await study.enqueueTrial({ x: 0, y: 'b' });
    const started = await Promise.all(allPoints.map(() => study.ask()));
    for (const trial of started) await objective(trial);
    const gridIds = (await study.getTrials()).map(({ systemAttrs }) => systemAttrs.grid_id);
    expect(gridIds.slice(0, 2)).toEqual([undefined, undefined]);
    expect(new Set(gridIds.slice(2)).size).toBe(allPoints.length - 2);
    const last = [await study.ask(), await study.ask()];
    for (const trial of last) await objective(trial);
    const all = (await study.getTrials()).map(({ systemAttrs }) => systemAttrs.grid_id);
    expect(all.slice(2).sort()).toEqual([...allPoints.keys()].sort());
  });

  it('knows when it is exhausted, and repeats a combination when asked nevertheless', async () => {
    const study = await newStudy();
    const sampler = study.sampler as GridSampler;
    expect(await sampler.isExhausted(study)).toBe(false);
    await study.optimize(objective);
    expect(await sampler.isExhausted(study)).toBe(true);
    const extra = await study.ask();
    await study.tell(extra, await objective(extra));
    expect(sorted(allPoints)).toContain(JSON.stringify([extra.params.x, extra.params.y]));
    expect(study.isStopping).toBe(true);
  });

  it.each([1, 2, 3, 20])('runs every combination once, %i trials at a time', async (nJobs) => {
    const study = await newStudy();
    await study.optimize(
      async (trial) => {
        const value = await objective(trial);
        await new Promise((resolve) => setTimeout(resolve, 1 + (trial.number % 3)));
        return value;
      },
      { nJobs },
    );
    const gridIds = (await study.getTrials()).map(({ systemAttrs }) => systemAttrs.grid_id);
    expect(gridIds.sort()).toEqual([...allPoints.keys()].sort());
  });

  it('is not exhausted by combinations that only another process tries', async () => {
    const storage = new InMemoryStorage();
    const study = await newStudy({ storage });
    const sampler = study.sampler as GridSampler;
    const other = await loadStudy({
      storage,
      studyName: study.studyName,
      sampler: new GridSampler({ searchSpace }),
    });
    await study.optimize(objective, { nTrials: allPoints.length - 2 });
    const others = [await other.ask(), await other.ask()];
    expect(await sampler.isExhausted(study)).toBe(false);
    // Both try what the other process tries: by chance one of its combinations, and not the other one.
    const own = [await study.ask(), await study.ask()];
    const gridIds = (await study.getTrials())
      .slice(-4)
      .map(({ systemAttrs }) => systemAttrs.grid_id);
    expect(gridIds).toEqual([10, 11, 11, 11]);
    expect(await sampler.isExhausted(study)).toBe(false);
    await other.tell(others[1]!, 0);
    expect(await sampler.isExhausted(study)).toBe(false);
    await study.tell(own[0]!, 0);
    const last = await study.ask();
    expect((await storage.getTrial(last.trialId)).systemAttrs.grid_id).toBe(10);
    expect(await sampler.isExhausted(study)).toBe(true);
  });

  it('takes failed trials for tried, and trials of another grid not', async () => {
    const storage = new InMemoryStorage();
    const study = await newStudy({ storage });
    await study.optimize(
      async (trial) => {
        await objective(trial);
        throw new Error('on purpose');
      },
      { catch: true },
    );
    expect((await study.getTrials()).length).toBe(allPoints.length);
    const smaller = new GridSampler({ searchSpace: { x: [0, 1], y: ['a'] } });
    expect(await smaller.isExhausted(study)).toBe(false);
  });

  it('refuses parameters it has no values for', async () => {
    const study = await newStudy();
    const trial = await study.ask();
    await expect(trial.suggestFloat('z', 0, 1)).rejects.toThrow(/no values for the parameter "z"/);
    await study.enqueueTrial({ x: 0 });
    const enqueued = await study.ask();
    await expect(objective(enqueued)).rejects.toThrow(/must name all parameters.*"y"/);
  });

  it('uses a value outside the range that is suggested', async () => {
    const study = await createStudy({
      storage: new InMemoryStorage(),
      sampler: new GridSampler({ searchSpace: { x: [100] } }),
    });
    expect(await (await study.ask()).suggestFloat('x', 0, 1)).toBe(100);
  });

  it('checks its options', () => {
    const withSpace = (space: unknown) => () => new GridSampler({ searchSpace: space as never });
    expect(withSpace(undefined)).toThrow(InvalidArgumentError);
    expect(withSpace({ x: [] })).toThrow(/`searchSpace` must be an object of parameter names/);
    expect(withSpace({ x: [{}] })).toThrow(InvalidArgumentError);
    const many = Array.from({ length: 2000 }, (_, i) => i);
    expect(withSpace({ a: many, b: many, c: many })).toThrow(/at most 2147483647 combinations/);
    expect(() => new GridSampler({ searchSpace, seed: -1 })).toThrow(/`seed` must be a whole/);
  });
});
