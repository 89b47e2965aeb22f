import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import { createStudy, type Study } from '../../../src-main/tuner/study/study.ts';
import { studyEnd } from '../../../src-main/tuner/system-attrs.ts';
import { ConstantErrorEvaluator } from '../../../src-main/tuner/terminators/error-evaluators.ts';
import { improvementHistory } from '../../../src-main/tuner/terminators/improvement-history.ts';
import { ImprovementTerminator } from '../../../src-main/tuner/terminators/improvement.ts';
import { RegretBoundEvaluator } from '../../../src-main/tuner/terminators/regret-bound.ts';
import { createTerminator, terminators } from '../../../src-main/tuner/terminators/registry.ts';
import {
  terminatorCallback,
  type Terminator,
} from '../../../src-main/tuner/terminators/terminator.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

async function studyOf(...directions: StudyDirection[]): Promise<Study> {
  return createStudy({
    storage: new InMemoryStorage(),
    sampler: new RandomSampler(),
    directions,
    seed: 7,
  });
}

/** Tells trials with these results one after another. @returns After which of them the terminator wants to stop. */
async function stopsAfter(
  study: Study,
  terminator: Terminator,
  results: readonly (number | number[] | 'fail' | 'pruned')[],
): Promise<number | null> {
  for (const [i, result] of results.entries()) {
    const trial = await study.ask();
    if (result === 'fail' || result === 'pruned') await study.tell(trial, null, { state: result });
    else await study.tell(trial, result);
    if (await terminator.shouldTerminate(study)) return i;
  }
  return null;
}

describe('TargetValueTerminator', () => {
  it('stops at a value as good as the target, in both directions', async () => {
    const target = (): Terminator => createTerminator('target-value', { value: 1 });
    expect(await stopsAfter(await studyOf('minimize'), target(), [3, 2, 1, 0])).toBe(2);
    expect(await stopsAfter(await studyOf('maximize'), target(), [0, 0.5, 4])).toBe(2);
    expect(await stopsAfter(await studyOf('minimize'), target(), [3, 'fail', 2])).toBeNull();
  });

  it('does not take infeasible trials, and takes what was there before', async () => {
    const study = await studyOf('minimize');
    const trial = await study.ask();
    await trial.setConstraint('size', 1);
    await study.tell(trial, 0);
    expect(await stopsAfter(study, createTerminator('target-value', { value: 1 }), [2])).toBeNull();
    await stopsAfter(study, createTerminator('target-value', { value: 1 }), [0]);
    expect(await createTerminator('target-value', { value: 1 }).shouldTerminate(study)).toBe(true);
  });

  it('needs the objective named where there are several', async () => {
    const study = await studyOf('minimize', 'maximize');
    await expect(
      createTerminator('target-value', { value: 1 }).shouldTerminate(study),
    ).rejects.toThrow('index of one of 2');
    const terminator = createTerminator('target-value', { value: 5, objective: 1 });
    expect(
      await stopsAfter(study, terminator, [
        [9, 1],
        [0, 4],
        [9, 5],
      ]),
    ).toBe(2);
  });

  it('forgets a trial that was deleted', async () => {
    const study = await studyOf('minimize');
    const terminator = createTerminator('target-value', { value: 1 });
    await stopsAfter(study, terminator, [3, 0]);
    const [, best] = await study.getTrials();
    await study.storage.deleteTrial(best?.trialId as number);
    expect(await terminator.shouldTerminate(study)).toBe(false);
  });
});

describe('NoImprovementTerminator', () => {
  it('counts finished trials since the last better one', async () => {
    const terminator = (): Terminator => createTerminator('no-improvement', { nTrials: 3 });
    expect(
      await stopsAfter(await studyOf('minimize'), terminator(), [5, 6, 4, 4, 'pruned', 'fail', 1]),
    ).toBe(5);
    expect(await stopsAfter(await studyOf('maximize'), terminator(), [1, 2, 3, 4, 5])).toBeNull();
    expect(
      await stopsAfter(await studyOf('minimize'), terminator(), [
        'fail',
        'fail',
        'fail',
        'fail',
        1,
      ]),
    ).toBeNull();
  });

  it('takes a small improvement for none', async () => {
    const terminator = createTerminator('no-improvement', { nTrials: 2, minImprovement: 0.5 });
    expect(await stopsAfter(await studyOf('minimize'), terminator, [5, 4.4, 4, 3.95])).toBe(3);
  });

  it('takes a new trial on the Pareto front for an improvement', async () => {
    const terminator = createTerminator('no-improvement', { nTrials: 2 });
    const study = await studyOf('minimize', 'minimize');
    expect(
      await stopsAfter(study, terminator, [
        [5, 5],
        [9, 1],
        [6, 6],
        [1, 9],
        [5, 5],
        [9, 2],
        [0, 0],
      ]),
    ).toBe(5);
  });
});

describe('TimeTerminator', () => {
  it('stops when the time is over', async () => {
    expect(
      await createTerminator('time', { seconds: 0 }).shouldTerminate(await studyOf('minimize')),
    ).toBe(true);
    expect(
      await createTerminator('time', { seconds: 1e6 }).shouldTerminate(await studyOf('minimize')),
    ).toBe(false);
  });
});

describe('ImprovementTerminator', () => {
  it('compares improvement and error from the minimum of trials on', async () => {
    const terminator = new ImprovementTerminator({
      improvement: { name: 'halving', evaluate: (trials) => 2 ** -trials.length },
      error: new ConstantErrorEvaluator(0.2),
      minTrials: 5,
    });
    expect(
      await stopsAfter(await studyOf('minimize'), terminator, [1, 1, 'fail', 1, 1, 1, 1]),
    ).toBe(5);
    expect(
      () =>
        new ImprovementTerminator({
          improvement: { name: 'none', evaluate: () => 0 },
          error: new ConstantErrorEvaluator(0),
          minTrials: 0,
        }),
    ).toThrow('from 1 on');
  });

  it('refuses studies of several objectives', async () => {
    await expect(
      createTerminator('regret-bound').shouldTerminate(await studyOf('minimize', 'minimize')),
    ).rejects.toThrow('one objective');
  });

  it('ends a study that has found its optimum, by a model of its trials', async () => {
    const study = await studyOf('minimize');
    const terminator = createTerminator('regret-bound', { error: 'constant', constant: 0.05 });
    await study.optimize(async (trial) => (await trial.suggestFloat('x', 0, 1)) ** 2, {
      nTrials: 200,
      callbacks: [terminatorCallback(terminator)],
    });
    const nTrials = (await study.getTrials()).length;
    expect(nTrials).toBeGreaterThanOrEqual(20);
    expect(nTrials).toBeLessThan(100);
    expect(await study.bestValue()).toBeLessThan(0.05);
    expect(studyEnd(await study.getSystemAttrs())).toEqual({
      rule: 'regret-bound',
      reason: terminator.reason,
    });
  });
});

describe('terminators', () => {
  const required: Record<string, Record<string, unknown>> = {
    'target-value': { value: 0 },
    time: { seconds: 1 },
  };

  it('creates each by name and says why it ends a study', () => {
    for (const { name } of terminators) {
      const terminator = createTerminator(name, required[name]);
      expect(terminator.name).toBe(name);
      expect(terminator.reason).not.toBe('');
    }
  });

  it('tells truly which ones take several objectives', async () => {
    const study = await studyOf('minimize', 'minimize');
    for (const { name, supports } of terminators) {
      const terminator = createTerminator(name, {
        ...required[name],
        ...(name === 'target-value' ? { objective: 0 } : {}),
      });
      const asked = terminator.shouldTerminate(study);
      if (supports.multiObjective) await expect(asked).resolves.toBe(false);
      else await expect(asked).rejects.toThrow('one objective');
    }
  });

  it('refuses unknown names, unknown and missing options', () => {
    expect(() => createTerminator('patience')).toThrow('no-improvement');
    expect(() => createTerminator('target-value')).toThrow('`value` must be given');
    expect(() => createTerminator('no-improvement', { n: 3 })).toThrow('no option `n`');
    expect(() => createTerminator('emmr', { error: 'constant' })).toThrow(
      '`constant` must be given',
    );
    expect(() => createTerminator('regret-bound', { delta: 0.1 })).toThrow('no option `delta`');
  });
});

describe('improvementHistory', () => {
  const options = { minTrials: 8, error: 'constant', constant: 0.05 };

  it('says when the terminator would have ended the study, and why', async () => {
    const study = await studyOf('minimize');
    const terminator = createTerminator('regret-bound', options);
    const objective = async (trial: { suggestFloat: Trial['suggestFloat'] }): Promise<number> =>
      ((await trial.suggestFloat('x', -1, 1)) - 0.3) ** 2;
    let endedAfter: number | null = null;
    await study.optimize(objective, {
      nTrials: 40,
      callbacks: [
        async (_, trial) => {
          if (endedAfter === null && (await terminator.shouldTerminate(study)))
            endedAfter = trial.number;
        },
      ],
    });
    const history = await improvementHistory(study, { options });
    expect(endedAfter).toBeGreaterThanOrEqual(7);
    expect(history.endsAfter).toBe(endedAfter);
    expect([...history.trialNumbers]).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect([...history.errors]).toEqual(new Array(40).fill(0.05));
    const trials = await study.getTrials();
    for (const n of [1, 7, 40])
      expect(history.improvements[n - 1]).toBe(
        new RegretBoundEvaluator().evaluate(trials.slice(0, n), 'minimize'),
      );
    expect(history.improvements[39]).toBeLessThan((history.improvements[9] as number) / 2);
  });

  it('picks as many trials as are asked for, evenly, and estimates after each what it would after all', async () => {
    const study = await studyOf('minimize');
    await study.optimize(async (trial) => (await trial.suggestFloat('x', -1, 1)) ** 2, {
      nTrials: 21,
    });
    const all = await improvementHistory(study, { options });
    const told: number[][] = [];
    const some = await improvementHistory(study, {
      options,
      maxEstimates: 5,
      onProgress: (...counts) => told.push(counts),
    });
    expect([...some.trialNumbers]).toEqual([0, 5, 10, 15, 20]);
    expect([...some.improvements]).toEqual([0, 5, 10, 15, 20].map((i) => all.improvements[i]));
    expect(told).toEqual([1, 2, 3, 4, 5].map((nDone) => [nDone, 5]));
    expect(some).toMatchObject({ canEndAfter: 7, nComplete: 21 });
    await expect(improvementHistory(study, { maxEstimates: 1 })).rejects.toThrow('at least 2');
  });

  it('counts complete trials only, and says where nothing could be told', async () => {
    const study = await studyOf('maximize');
    const seen = await improvementHistory(study);
    expect(seen).toMatchObject({ endsAfter: null, trialNumbers: new Int32Array(0) });
    await stopsAfter(study, createTerminator('time', { seconds: 1e6 }), ['fail', 1, 'pruned', 2]);
    const { trialNumbers, improvements, errors, endsAfter } = await improvementHistory(study, {
      terminator: 'emmr',
    });
    expect([...trialNumbers]).toEqual([1, 3]);
    // No parameter tells the trials apart, and the median wants more of them.
    expect([...improvements]).toEqual([Infinity, Infinity]);
    expect([...errors]).toEqual([-Infinity, -Infinity]);
    expect(endsAfter).toBeNull();
  });

  it('refuses several objectives, and terminators that estimate nothing', async () => {
    await expect(improvementHistory(await studyOf('minimize', 'minimize'))).rejects.toThrow(
      'one objective',
    );
    await expect(
      improvementHistory(await studyOf('minimize'), { terminator: 'no-improvement' }),
    ).rejects.toThrow('regret-bound or emmr');
  });
});
