import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  copyStudy,
  createCategoricalDistribution,
  createFloatDistribution,
  createSampler,
  createStudy,
  deleteStudy,
  DuplicatedStudyError,
  getPairImportances,
  getParamImportances,
  InMemoryStorage,
  InvalidArgumentError,
  loadStudy,
  NopPruner,
  replayPruner,
  setLogger,
  StudyNotFoundError,
  TrialPruned,
  type FrozenTrial,
  type LocalObjective,
  type Storage,
  type Study,
  type StudyView,
} from '../../../src-main/tuner/index.ts';
import { openStorage } from '../../../src-main/open-storage.ts';
import type { LocalTrial } from '../../../src-main/tuner/trial/local-trial.ts';
import { ownerOf } from '../../../src-main/tuner/storages/process-info.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

const warnings: string[] = [];
setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
afterEach(() => void warnings.splice(0));

const newStudy = (options: Partial<Parameters<typeof createStudy>[0]> = {}): Promise<Study> =>
  createStudy({ storage: new InMemoryStorage(), seed: 1, ...options });

/** Puts a running trial back, whoever runs it. */
const requeue = async (storage: Storage, trialId: number): Promise<boolean> =>
  storage.requeueTrial(trialId, ownerOf(await storage.getTrial(trialId))?.id ?? null);

const sphere: LocalObjective = async (trial) => (await trial.suggestFloat('x', -1, 1)) ** 2;

/** Conditional, mixed, pruned: what the notebook's objective is to the tuner. */
const mixed: LocalObjective = async (trial) => {
  const nLayers = await trial.suggestInt('n_layers', 1, 3);
  let score = await trial.suggestFloat('rate', 1e-5, 1e-1, { log: true });
  for (let i = 0; i < nLayers; i++)
    score += (await trial.suggestCategorical(`width_${i}`, [32, 64, 128])) / 1000;
  for (let step = 0; step < 5; step++) {
    await trial.report(score * (step + 1), step);
    if (await trial.shouldPrune()) throw new TrialPruned();
  }
  return score;
};

describe('createStudy', () => {
  it('refuses a name that is taken, unless it may load it', async () => {
    const storage = new InMemoryStorage();
    const first = await createStudy({ storage, studyName: 'a' });
    await expect(createStudy({ storage, studyName: 'a' })).rejects.toThrow(DuplicatedStudyError);
    const again = await createStudy({ storage, studyName: 'a', loadIfExists: true });
    expect(again.studyId).toBe(first.studyId);
    expect(again.seed).toBe(first.seed);
  });

  it('refuses no, unknown and doubly given directions and bad seeds', async () => {
    const storage = new InMemoryStorage();
    for (const options of [
      { directions: [] },
      { direction: 'up' as never },
      { direction: 'minimize', directions: ['minimize'] } as const,
      { seed: -1 },
      { seed: 0.5 },
    ])
      await expect(createStudy({ storage, ...options })).rejects.toThrow(InvalidArgumentError);
    expect(await storage.getStudies()).toEqual([]);
  });

  it('keeps the seed for who loads the study', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ storage, studyName: 'a', seed: 123 });
    expect((await loadStudy({ storage, studyName: 'a' })).seed).toBe(123);
  });
});

describe('options', () => {
  const unknown: [string, (study: Study) => unknown][] = [
    ['createStudy', ({ storage }) => createStudy({ storage, directon: 'maximize' } as never)],
    [
      'loadStudy',
      ({ storage, studyName }) => loadStudy({ storage, studyName, direction: 'minimize' } as never),
    ],
    [
      'copyStudy',
      ({ storage, studyName }) =>
        copyStudy({ from: storage, to: storage, studyName, toName: 'b' } as never),
    ],
    ['optimize', (study) => study.optimize(() => 0, { n_trials: 3 } as never)],
    ['tell', async (study) => study.tell(await study.ask(), 1, { sate: 'pruned' } as never)],
    ['enqueueTrial', (study) => study.enqueueTrial({ x: 1 }, { user_attrs: {} } as never)],
    [
      'A float parameter',
      async (study) => (await study.ask()).suggestFloat('x', 0, 1, { lg: true } as never),
    ],
    [
      'An int parameter',
      async (study) => (await study.ask()).suggestInt('x', 0, 1, { steps: 2 } as never),
    ],
    ['getParamImportances', (study) => getParamImportances(study, { objective: 1 } as never)],
    ['getPairImportances', (study) => getPairImportances(study, { objective: 1 } as never)],
    ['replayPruner', (study) => replayPruner(study, new NopPruner(), { objective: 0 } as never)],
  ];

  it.each(unknown)('of %s that do not exist are refused', async (owner, call) => {
    const study = await newStudy();
    await expect((async () => call(study))()).rejects.toThrow(
      new RegExp(`^${owner} has no option \`\\w+\`\\. Its options are \\w+`),
    );
  });

  // As Optuna takes them, and JavaScript does without a word.
  const storage = new InMemoryStorage();
  it.each<[string, (study: Study) => unknown]>([
    [
      'optimize takes its options as an object, { space: … }, but got 100.',
      (study) => study.optimize(() => 0, 100 as never),
    ],
    [
      'createStudy takes its options as an object, { storage: … }, but got undefined.',
      () => createStudy(undefined as never),
    ],
    [
      'The objective must be a function of a trial, but got undefined.',
      (study) => study.optimize(undefined as never, { nTrials: 1 }),
    ],
    ['but got "study.db".', () => createStudy({ storage: 'study.db' as never })],
    [
      'but got a promise (await it).',
      () => createStudy({ storage: Promise.resolve(storage) as never }),
    ],
    [
      '`sampler` must be a sampler, such as `createSampler(\'tpe\')`, but got "tpe".',
      () => createStudy({ storage, sampler: 'tpe' as never }),
    ],
    [
      "`pruner` must be a pruner, such as `createPruner('median')`, but got object.",
      ({ studyName, storage }) => loadStudy({ storage, studyName, pruner: {} as never }),
    ],
  ])('of another kind are refused: %s', async (message, call) => {
    const study = await newStudy();
    await expect((async () => call(study))()).rejects.toThrow(message);
    expect(await study.getTrials()).toEqual([]);
    expect(await storage.getStudies()).toEqual([]);
  });
});

describe('loadStudy, deleteStudy', () => {
  it('say when there is no such study', async () => {
    const storage = new InMemoryStorage();
    await expect(loadStudy({ storage, studyName: 'a' })).rejects.toThrow(StudyNotFoundError);
    await expect(deleteStudy(storage, 'a')).rejects.toThrow(StudyNotFoundError);
  });

  it('give a study without a seed one that every process derives alike', async () => {
    const storage = new InMemoryStorage();
    await storage.createStudy(['minimize'], 'made by Optuna');
    const seeds = await Promise.all(
      [1, 2].map(async () => (await loadStudy({ storage, studyName: 'made by Optuna' })).seed),
    );
    expect(seeds[0]).toBe(seeds[1]);
    expect((await storage.getStudies())[0]?.systemAttrs).toEqual({});
  });
});

describe('Study.ask and Study.tell', () => {
  it('run a trial by hand', async () => {
    const study = await newStudy();
    const trial = await study.ask({ x: createFloatDistribution(0, 1) });
    expect(trial.params.x).toBeTypeOf('number');
    const told = await study.tell(trial, 0.5);
    expect(told).toMatchObject({ state: 'complete', values: [0.5], number: 0 });
    expect(told.completedAtMs).toBeGreaterThanOrEqual(told.startedAtMs ?? Infinity);
  });

  it('fails the trial on NaN, a wrong number of values or none, with a warning', async () => {
    const study = await newStudy();
    for (const values of [NaN, [1, 2], null, [1, NaN]]) {
      const told = await study.tell(await study.ask(), values);
      expect(told).toMatchObject({ state: 'fail', values: null });
    }
    expect(warnings).toHaveLength(4);
  });

  it('takes no text for a number, and says so of the whole text', async () => {
    const study = await newStudy();
    const told = await study.tell(await study.ask(), '0.5' as never);
    expect(told.state).toBe('fail');
    expect(warnings[0]).toContain('must be a number and not NaN, but got string "0.5"');
  });

  it('says of any other result what it is, and leaves no trial running', async () => {
    const study = await newStudy();
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    for (const [result, text] of [
      [10n, 'bigint 10'],
      [true, 'boolean true'],
      [circle, '[object Object]'],
      [[Promise.resolve(1)], '[object Promise]'],
      [Symbol('s'), '[object Symbol]'],
      [() => 1, '[object Function]'],
    ] as const) {
      await study.optimize(() => result as never, { nTrials: 1 });
      expect(warnings.at(-1)).toContain(`must be a number and not NaN, but got ${text}.`);
    }
    expect((await study.getTrials()).map(({ state }) => state)).toEqual(Array(6).fill('fail'));
  });

  it('accepts infinities', async () => {
    const study = await newStudy();
    expect(await study.tell(await study.ask(), -Infinity)).toMatchObject({ values: [-Infinity] });
    expect(await study.bestValue()).toBe(-Infinity);
  });

  it('refuses states and values that contradict each other', async () => {
    const study = await newStudy();
    const trial = await study.ask();
    for (const [values, state] of [
      [null, 'complete'],
      [NaN, 'complete'],
      [1, 'pruned'],
      [1, 'fail'],
      [null, 'running'],
      [null, 'waiting'],
    ] as const)
      await expect(study.tell(trial, values, { state })).rejects.toThrow(InvalidArgumentError);
    expect((await study.getTrials())[0]?.state).toBe('running');
  });

  it('refuses to be told twice, unless finished trials are to be skipped', async () => {
    const study = await newStudy();
    const trial = await study.ask();
    await study.tell(trial, 1);
    await expect(study.tell(trial, 2)).rejects.toThrow(/only a running trial/i);
    expect(await study.tell(trial, 2, { skipIfFinished: true })).toMatchObject({ values: [1] });
    await expect(study.tell(99, 1)).rejects.toThrow(/99/);
  });

  it('gives a pruned trial its last report, and none where that was NaN', async () => {
    const study = await newStudy();
    const trial = await study.ask();
    await trial.report(3, 1);
    await trial.report(5, 0);
    expect(await study.tell(trial, null, { state: 'pruned' })).toMatchObject({ values: [3] });
    const other = await study.ask();
    await other.report(NaN, 0);
    expect(await study.tell(other, null, { state: 'pruned' })).toMatchObject({ values: null });
  });
});

describe('Study.ask of a parameter that is refused', () => {
  it('leaves no trial running that nobody knows of', async () => {
    const study = await newStudy();
    await study.tell(await study.ask({ x: createFloatDistribution(0, 1) }), 1);
    await study.enqueueTrial({ x: 0.5 });
    const other = { x: createCategoricalDistribution(['a', 'b']) };
    await expect(study.ask(other)).rejects.toThrow('must be one of');
    await expect(study.ask(other)).rejects.toThrow('must keep its kind');
    expect((await study.getTrials()).map(({ state }) => state)).toEqual([
      'complete',
      'fail',
      'fail',
    ]);
  });
});

describe('Trial', () => {
  it('gives the same value when asked again, and warns when the range changed', async () => {
    const trial = await (await newStudy()).ask();
    const x = await trial.suggestFloat('x', 0, 1);
    expect(await trial.suggestFloat('x', 0, 2)).toBe(x);
    expect(warnings[0]).toContain('"x"');
    await expect(trial.suggestInt('x', 0, 1)).rejects.toThrow(InvalidArgumentError);
  });

  it('refuses a distribution that contradicts another trial of the study', async () => {
    const study = await newStudy();
    await (await study.ask()).suggestCategorical('c', ['a', 'b']);
    await expect((await study.ask()).suggestCategorical('c', ['a', 'b', 'z'])).rejects.toThrow(
      /"c"/,
    );
  });

  it('gives single values without asking the sampler', async () => {
    const trial = await (await newStudy()).ask();
    expect(await trial.suggestFloat('f', 2, 2)).toBe(2);
    expect(await trial.suggestInt('i', 7, 7)).toBe(7);
    expect(await trial.suggestCategorical('c', ['only'])).toBe('only');
  });

  it('refuses bad steps and ignores a second report of a step', async () => {
    const study = await newStudy();
    const trial = await study.ask();
    await expect(trial.report(1, -1)).rejects.toThrow(InvalidArgumentError);
    await expect(trial.report(1, 0.5)).rejects.toThrow(InvalidArgumentError);
    await expect(trial.report('1' as never, 0)).rejects.toThrow(InvalidArgumentError);
    await trial.report(1, 0);
    await trial.report(2, 0);
    expect(warnings).toHaveLength(1);
    expect((await study.getTrials())[0]?.intermediateValues).toEqual(new Map([[0, 1]]));
  });

  it('reports in a study of several objectives only when told which one', async () => {
    const storage = new InMemoryStorage();
    const options = { storage, directions: ['minimize', 'maximize'] } as const;
    await expect((await (await createStudy(options)).ask()).report(1, 0)).rejects.toThrow(
      /pruningObjective/,
    );
    const study = await createStudy({ ...options, pruningObjective: 1 });
    const trial = await study.ask();
    await trial.report(1, 0);
    expect(await trial.shouldPrune()).toBe(false);
    await expect(createStudy({ ...options, pruningObjective: 2 })).rejects.toThrow(
      InvalidArgumentError,
    );
  });

  it('shows pruners the objective that the reports belong to', async () => {
    const seen: unknown[] = [];
    const study = await createStudy({
      storage: new InMemoryStorage(),
      directions: ['minimize', 'maximize'],
      pruningObjective: 1,
      pruner: {
        name: 'spy',
        async prune({ directions, getTrials, getHistory }) {
          const [first] = await getTrials(['complete']);
          seen.push(directions, first?.values, (await getHistory()).values.length);
          return false;
        },
      },
    });
    await study.tell(await study.ask(), [1, 2]);
    const trial = await study.ask();
    await trial.report(0, 0);
    await trial.shouldPrune();
    expect(seen).toEqual([['maximize'], [2], 1]);
  });

  it('stores constraints, and the best trial is a feasible one', async () => {
    const study = await newStudy();
    const bad = await study.ask();
    await bad.setConstraint('memory', 0.1);
    await expect(bad.setConstraint('memory', NaN)).rejects.toThrow(InvalidArgumentError);
    await study.tell(bad, 0);
    await expect(study.bestTrial()).rejects.toThrow(/feasible/);
    await study.tell(await study.ask(), 1);
    expect(await study.bestValue()).toBe(1);
  });
});

describe('Study.enqueueTrial', () => {
  it('runs the parameters given, and samples the others', async () => {
    const study = await newStudy();
    await study.enqueueTrial({ x: 0.25 }, { userAttrs: { memo: 'mine' } });
    await study.optimize(
      async (trial) =>
        (await trial.suggestFloat('x', 0, 1)) + (await trial.suggestFloat('y', 0, 1)),
      {
        nTrials: 2,
      },
    );
    const [first, second] = await study.getTrials();
    expect(first?.params.x).toBe(0.25);
    expect(first?.params.y).toBeTypeOf('number');
    expect(first?.userAttrs).toEqual({ memo: 'mine' });
    expect(second?.params.x).not.toBe(0.25);
  });

  it('refuses what are no parameters by name', async () => {
    const study = await newStudy();
    for (const params of [[0.5], null, 0.5, 'x'])
      await expect(study.enqueueTrial(params as never)).rejects.toThrow(/as an object/);
    expect(await study.getTrials()).toEqual([]);
  });

  it('can skip what exists, queued or run', async () => {
    const study = await newStudy();
    await study.enqueueTrial({ x: 0.5 });
    await study.enqueueTrial({ x: 0.5 }, { skipIfExists: true });
    await study.optimize(sphere, { nTrials: 1 });
    await study.enqueueTrial({ x: 0.5 }, { skipIfExists: true });
    expect(await study.getTrials()).toHaveLength(1);
    await study.enqueueTrial({ x: 0.5 });
    expect(await study.getTrials()).toHaveLength(2);
  });

  it('warns of a fixed value outside the range, and uses it', async () => {
    const study = await newStudy();
    await study.enqueueTrial({ x: 5 });
    await study.optimize(sphere, { nTrials: 1 });
    expect(await study.bestValue()).toBe(25);
    expect(warnings[0]).toContain('outside');
  });

  it('makes whole a fixed value that must be, with a warning', async () => {
    const study = await newStudy();
    await study.enqueueTrial({ n: 1.5 });
    const trial = await study.ask();
    expect(await trial.suggestInt('n', 0, 3)).toBe(1);
    expect(trial.params).toEqual({ n: 1 });
    expect(warnings[0]).toContain('its fixed value is 1.5; 1 is used');
  });
});

describe('Study.addTrial', () => {
  it('takes a result from elsewhere, with defaults for what is left out', async () => {
    const study = await newStudy();
    const before = Date.now();
    const added = await study.addTrial({
      params: { x: 0.5 },
      distributions: { x: createFloatDistribution(0, 1) },
      values: [0.25],
    });
    expect(added).toMatchObject({ state: 'complete', params: { x: 0.5 }, values: [0.25] });
    expect(added.startedAtMs).toBeGreaterThanOrEqual(before);
    expect(added.completedAtMs).toBeGreaterThanOrEqual(added.startedAtMs ?? Infinity);
    expect(await study.bestParams()).toEqual({ x: 0.5 });
    expect(await study.addTrial({ state: 'waiting' })).toMatchObject({ startedAtMs: null });
    expect(await study.addTrial({ state: 'fail' })).toMatchObject({ values: null });
    await expect(study.addTrial({})).rejects.toThrow('A complete trial must have values');
    await expect(study.addTrial({ value: 1 } as object)).rejects.toThrow('no option `value`');
  });

  it('refuses a distribution that is called as what objects inherit, without its parameter', async () => {
    const study = await newStudy();
    const distributions = { constructor: createFloatDistribution(0, 1) };
    await expect(
      study.addTrial({ params: { x: 0.5 }, distributions, values: [1] }),
    ).rejects.toThrow('every distribution a parameter');
  });

  it('refuses trials whose parts contradict each other', async () => {
    const study = await newStudy();
    await study.optimize(sphere, { nTrials: 1 });
    const [good] = await study.getTrials();
    const bad = [
      { values: null },
      { values: [NaN] },
      { values: [1, 2] },
      { completedAtMs: null },
      { startedAtMs: null },
      { state: 'fail' },
      { state: 'running' },
      { params: {} },
      { params: { x: 7 } },
    ];
    for (const change of bad)
      await expect(study.addTrial({ ...good!, ...(change as object) })).rejects.toThrow(
        InvalidArgumentError,
      );
    expect((await study.addTrial(good!)).number).toBe(1);
  });
});

describe('copyStudy', () => {
  it('copies trials and attributes, and queues what was running', async () => {
    const [from, to] = [new InMemoryStorage(), new InMemoryStorage()];
    const study = await createStudy({
      storage: from,
      studyName: 'a',
      seed: 5,
      direction: 'maximize',
    });
    await study.setUserAttr('note', 'x');
    await study.optimize(mixed, { nTrials: 4 });
    const running = await study.ask();
    const x = await running.suggestFloat('rate', 1e-5, 1e-1, { log: true });
    await copyStudy({ from, to, studyName: 'a' });
    const copy = await loadStudy({ storage: to, studyName: 'a' });
    expect(copy.seed).toBe(5);
    expect(await copy.getUserAttrs()).toEqual({ note: 'x' });
    const strip = (trials: readonly { trialId: number }[]) =>
      trials.map(({ trialId: _, ...rest }) => rest);
    expect(strip((await copy.getTrials()).slice(0, 4))).toEqual(
      strip((await study.getTrials()).slice(0, 4)),
    );
    const taken = await copy.ask();
    expect(taken.number).toBe(4);
    expect(await taken.suggestFloat('rate', 1e-5, 1e-1, { log: true })).toBe(x);
    await expect(copyStudy({ from, to, studyName: 'a' })).rejects.toThrow(DuplicatedStudyError);
  });

  it('warns of attributes that are no JSON, and keeps text that only begins like them', async () => {
    const [from, to] = [new InMemoryStorage(), new InMemoryStorage()];
    const study = await createStudy({ storage: from, studyName: 'a' });
    await study.setUserAttr('half', 'not JSON: {"half": 1');
    await study.setUserAttr('text', 'not JSON: 1');
    await copyStudy({ from, to, studyName: 'a' });
    const copy = await loadStudy({ storage: to, studyName: 'a' });
    expect(await copy.getUserAttrs()).toEqual({ text: 'not JSON: 1' });
    expect(warnings).toEqual([
      'The study "a" is copied without attributes that are not stored as JSON: half.',
    ]);
  });
});

describe('Study.optimize', () => {
  it('neither ends nor puts back a trial that somebody else has taken meanwhile, or deleted', async () => {
    const file = join(temporaryFolder(), 'study.db');
    const storage = await openStorage(file, { create: true });
    const other = await openStorage(file);
    const study = await newStudy({ storage });
    const take = async (id: number): Promise<void> => {
      await requeue(other, id);
      expect((await other.claimWaitingTrial(study.studyId))?.trialId).toBe(id);
    };
    await study.optimize(
      async ({ trialId }) => {
        await take(trialId);
        return 1;
      },
      { nTrials: 1 },
    );
    expect((await study.getTrials())[0]).toMatchObject({ state: 'running', values: null });
    for (const meanwhile of [
      take,
      async (id: number) => {
        await storage.finishTrial(id, 'fail', null);
        await storage.deleteTrial(id);
      },
    ]) {
      const abort = new AbortController();
      await study.optimize(
        async ({ trialId }, { signal }) => {
          await meanwhile(trialId);
          abort.abort();
          signal.throwIfAborted();
          return 1;
        },
        { nTrials: 1, signal: abort.signal },
      );
    }
    expect((await study.getTrials()).map(({ number, state }) => [number, state])).toEqual([
      [0, 'running'],
      [1, 'running'],
    ]);
    await Promise.all([storage.close(), other.close()]);
  });

  it('goes on where a trial is ended, put back or deleted elsewhere while it runs', async () => {
    const study = await newStudy();
    const { storage } = study;
    const meanwhile = [
      (id: number) => storage.finishTrial(id, 'fail', null),
      (id: number) => storage.finishTrial(id, 'complete', [7]),
      async (id: number) => {
        await storage.finishTrial(id, 'fail', null);
        await storage.deleteTrial(id);
      },
      (id: number) => requeue(storage, id),
    ];
    const told: number[] = [];
    const lost: number[] = [];
    await study.optimize(
      async (trial) => {
        await meanwhile.shift()?.(trial.trialId);
        // A trial that has finished takes no reports.
        await trial.report(1, 0);
        return 1;
      },
      {
        nTrials: 5,
        callbacks: [(_, { number }) => void told.push(number)],
        onLost: async ({ number }) => void lost.push(number),
      },
    );
    expect(lost).toEqual([0, 1, 2, 3]);
    expect((await study.getTrials()).map(({ number, values }) => [number, values])).toEqual([
      [0, null],
      [1, [7]],
      [3, [1]],
    ]);
    expect(told).toEqual([3]);
  });

  it('runs so many trials, or until so many are finished', async () => {
    const study = await newStudy();
    await study.optimize(sphere, { nTrials: 3 });
    await study.optimize(sphere, { nTrials: 2 });
    await study.optimize(sphere, { nFinishedTrials: 7 });
    await study.optimize(sphere, { nFinishedTrials: 7 });
    expect(await study.getTrials()).toHaveLength(7);
  });

  it('lets an error of the objective through after failing its trial, and goes on after those in `catch`', async () => {
    const study = await newStudy();
    const broken: LocalObjective = (trial) => {
      if (trial.number === 1) throw new RangeError('no memory');
      return 1;
    };
    await expect(study.optimize(broken, { nTrials: 4 })).rejects.toThrow('no memory');
    expect((await study.getTrials()).map(({ state }) => state)).toEqual(['complete', 'fail']);
    const caught = await newStudy();
    await caught.optimize(broken, { nTrials: 3, catch: [RangeError] });
    expect((await caught.getTrials()).map(({ state }) => state)).toEqual([
      'complete',
      'fail',
      'complete',
    ]);
    await expect(
      (await newStudy()).optimize(broken, { nTrials: 3, catch: [TypeError] }),
    ).rejects.toThrow(RangeError);
  });

  it('prunes', async () => {
    const study = await newStudy();
    await study.optimize(
      () => {
        throw new TrialPruned();
      },
      { nTrials: 1 },
    );
    expect(await study.getTrials(['pruned'])).toHaveLength(1);
  });

  it('calls callbacks with the finished trial, and stops after the trial in which `stop` was called', async () => {
    const study = await newStudy();
    const seen: number[] = [];
    await study.optimize(sphere, {
      nTrials: 10,
      callbacks: [
        (same, trial) => {
          expect(same).toBe(study);
          seen.push(trial.number);
          if (trial.number === 2) same.stop();
        },
      ],
    });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('starts no trial after the timeout', async () => {
    const study = await newStudy();
    await study.optimize(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return 1;
      },
      { timeoutMs: 100, nTrials: 1000 },
    );
    const n = (await study.getTrials()).length;
    expect(n).toBeGreaterThan(0);
    expect(n).toBeLessThan(20);
    await study.optimize(sphere, { timeoutMs: 0 });
    expect(await study.getTrials()).toHaveLength(n);
  });

  it('runs trials side by side, never more than `nJobs`, and asks a function anew', async () => {
    const study = await newStudy();
    let [now, most] = [0, 0];
    let jobs = 3;
    await study.optimize(
      async (trial) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (trial.number === 5) jobs = 1;
        if (trial.number > 9) expect(now).toBe(1);
        now--;
        return trial.number;
      },
      { nTrials: 12, nJobs: () => jobs },
    );
    expect(most).toBe(3);
    expect((await study.getTrials()).map(({ state }) => state)).toEqual(
      new Array(12).fill('complete'),
    );
  });

  it('puts running trials back into the queue when aborted', async () => {
    const study = await newStudy();
    const abort = new AbortController();
    let params: unknown;
    await study.optimize(
      async (trial, { signal }) => {
        await trial.suggestFloat('x', 0, 1);
        await trial.report(1, 0);
        if (trial.number < 2) return 1;
        params = trial.params;
        abort.abort();
        signal.throwIfAborted();
        return 1;
      },
      { nTrials: 10, signal: abort.signal },
    );
    const [, , third] = await study.getTrials();
    expect(third).toMatchObject({
      state: 'waiting',
      startedAtMs: null,
      params: {},
      systemAttrs: { fixed_params: params },
    });
    expect(third?.intermediateValues.size).toBe(0);
    expect(await study.getTrials()).toHaveLength(3);
  });

  it('lets timers and signals through while the objective never waits', async () => {
    const study = await newStudy();
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const objective: LocalObjective = () => {
      timer ??= setTimeout(() => abort.abort(), 5);
      return 1;
    };
    await study.optimize(objective, { signal: abort.signal });
    expect((await study.getTrials(['complete'])).length).toBeGreaterThan(0);
  });

  it('starts no trial when the sampler has nothing left to try, also when resumed', async () => {
    const sampler = createSampler('grid', { searchSpace: { x: [0, 1, 2] } });
    const study = await newStudy({ sampler });
    const objective: LocalObjective = (trial) => trial.suggestInt('x', 0, 2);
    await study.optimize(objective, { nTrials: 2 });
    await study.optimize(objective, {});
    await study.optimize(objective, { nTrials: 5 });
    expect((await study.getTrials()).map(({ params }) => params.x).sort()).toEqual([0, 1, 2]);
    await study.enqueueTrial({ x: 1 });
    await study.optimize(objective, { nTrials: 5 });
    expect(await study.getTrials()).toHaveLength(4);
  });

  it('lets the sampler see what the pruner shows it, as with Hyperband the trials of a bracket', async () => {
    const seen: string[] = [];
    const look = async (what: string, { getTrials }: StudyView): Promise<void> => {
      seen.push(`${what} ${(await getTrials()).length}`);
    };
    const study = await newStudy({
      pruner: {
        name: 'nothing',
        prune: async () => false,
        studyFor: async (view) => ({ ...view, getTrials: async () => [] }),
      },
      sampler: {
        name: 'spy',
        beforeTrial: (view) => look('before', { ...view, getTrials: () => view.getTrials() }),
        inferRelativeSearchSpace: async (view) => (await look('infer', view), {}),
        sampleRelative: async () => ({}),
        sampleIndependent: async (view) => (await look('sample', view), 0.5),
        afterTrial: (view) => look('after', view),
      },
    });
    await study.optimize(sphere, { nTrials: 1 });
    expect(seen).toEqual(['before 1', 'infer 0', 'sample 0', 'after 0']);
  });

  it('cannot be nested', async () => {
    const study = await newStudy();
    await expect(
      study.optimize(async () => (await study.optimize(sphere, { nTrials: 1 }), 1), { nTrials: 1 }),
    ).rejects.toThrow(/nested/);
  });

  it.each([{ nTrials: -1 }, { nTrials: 1.5 }, { nJobs: 0 }, { timeoutMs: NaN }])(
    'refuses %o',
    async (options) => {
      await expect((await newStudy()).optimize(sphere, options)).rejects.toThrow(
        InvalidArgumentError,
      );
    },
  );
});

describe('a study that was stopped', () => {
  const nTrials = 40;
  const strip = async (study: Study) =>
    (await study.getTrials()).map(({ number, state, values, params, intermediateValues }) => ({
      number,
      state,
      values,
      params,
      intermediateValues,
    }));
  const uninterrupted = async (): Promise<Awaited<ReturnType<typeof strip>>> => {
    const study = await newStudy({ seed: 42 });
    await study.optimize(mixed, { nTrials });
    return strip(study);
  };

  it('goes on as if it had not been, stopped after every single trial and loaded anew', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ storage, studyName: 'a', seed: 42 });
    for (let i = 0; i < nTrials; i++)
      await (await loadStudy({ storage, studyName: 'a' })).optimize(mixed, { nTrials: 1 });
    const trials = await strip(await loadStudy({ storage, studyName: 'a' }));
    expect(trials).toEqual(await uninterrupted());
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['complete', 'pruned']));
  });

  it('goes on as if it had not been, aborted inside every trial', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ storage, studyName: 'a', seed: 42 });
    for (let i = 0; i < nTrials; i++) {
      const study = await loadStudy({ storage, studyName: 'a' });
      const abort = new AbortController();
      const nAsked = i % 3;
      const abandoned = async (trial: LocalTrial): Promise<number> => {
        if (nAsked > 0) await trial.suggestInt('n_layers', 1, 3);
        if (nAsked > 1) await trial.suggestFloat('rate', 1e-5, 1e-1, { log: true });
        if (nAsked > 1) await trial.report(7, 0);
        abort.abort();
        throw new Error('aborted');
      };
      await study.optimize(abandoned, { nTrials: 1, signal: abort.signal });
      await study.optimize(mixed, { nTrials: 1 });
    }
    expect(await strip(await loadStudy({ storage, studyName: 'a' }))).toEqual(
      await uninterrupted(),
    );
  });
});

describe('whatever an objective does', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
  });

  it('its trial ends: complete with as many numbers as directions, or failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, fc.array(fc.double(), { maxLength: 3 })),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        async (result, nDirections, isThrown) => {
          const study = await newStudy({
            directions: Array<'minimize'>(nDirections).fill('minimize'),
            sampler: createSampler('random'),
          });
          await study.optimize(
            () => {
              if (isThrown) throw result;
              return result as never;
            },
            { nTrials: 1, catch: true },
          );
          const [{ state, values }] = (await study.getTrials()) as [FrozenTrial];
          if (state === 'complete') {
            expect(isThrown).toBe(false);
            expect(values).toEqual(Array.isArray(result) ? [...(result as number[])] : [result]);
            expect(values).toHaveLength(nDirections);
            expect(
              values?.every((value) => typeof value === 'number' && !Number.isNaN(value)),
            ).toBe(true);
          } else expect([state, values]).toEqual(['fail', null]);
        },
      ),
    );
  });

  it('attributes are read back as they were set, or refused', async () => {
    const file = join(temporaryFolder(), 'attrs.db');
    const storage = await openStorage(file, { create: true });
    const other = await openStorage(file);
    const study = await newStudy({ storage });
    let nKept = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.jsonValue()), async (value) => {
        try {
          await study.setUserAttr('any', value as never);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError);
          return;
        }
        nKept++;
        const [stored] = await other.getStudies();
        expect(stored?.userAttrs.any).toEqual(value);
      }),
    );
    expect(nKept).toBeGreaterThan(0);
    await storage.close();
    await other.close();
  });

  it('attributes that cannot be kept are refused with the place of what they hold', async () => {
    const study = await newStudy();
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    for (const [value, text] of [
      [{ a: [1, { b: undefined }] }, 'undefined at a.1.b'],
      [Array<number>(1), 'undefined at 0'],
      [new Date(), '[object Date]'],
      [circle, 'holds itself'],
    ] as const)
      await expect(study.setUserAttr('mine', value as never)).rejects.toThrow(text);
  });

  it('attributes may be 500 levels deep, and no deeper', async () => {
    const study = await newStudy();
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    await study.setUserAttr('deep', nested(500) as never);
    await expect(study.setUserAttr('deep', nested(501) as never)).rejects.toThrow(
      'one that is deeper than 500 levels, or holds itself',
    );
  });

  it('what is thrown is the cause of the error, where it is none itself', async () => {
    const study = await newStudy();
    for (const thrown of ['out of paint', { toString: null }])
      await expect(
        study.optimize(
          () => {
            throw thrown;
          },
          { nTrials: 1 },
        ),
      ).rejects.toMatchObject({ cause: thrown });
  });
});
