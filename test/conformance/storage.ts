/** The specification in `src-main/tuner/storages/storage.ts`, clause by clause. Every storage passes it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../src-main/tuner/distributions.ts';
import { createProcessInfo, type ProcessInfo } from '../../src-main/tuner/storages/process-info.ts';
import {
  HEARTBEAT_GRACE_MS,
  type Owner,
  type Storage,
} from '../../src-main/tuner/storages/storage.ts';
import { FIXED_PARAMS, OWNER } from '../../src-main/tuner/system-attrs.ts';
import {
  trialStates,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
  type TrialTemplate,
} from '../../src-main/tuner/trial/frozen-trial.ts';

/** How the suite gets storages of one kind. */
export interface StorageKind {
  /** A new, empty one. */
  create(processInfo: ProcessInfo): Promise<Storage>;
  /** Another object on the data of the last one that was created; null where the data goes with the object. */
  reopen: (() => Promise<Storage>) | null;
  /** Called after each test. */
  cleanUp(): Promise<void>;
}

const float = createFloatDistribution(0, 1);
const logFloat = createFloatDistribution(1e-5, 1, { log: true });
const int = createIntDistribution(1, 9, { step: 2 });
const choice = createCategoricalDistribution(['adam', 'sgd', null, true, 0.5]);

/** This host has the process 1 (ours) and 2; 3 has ended, and the number 4 was given to another process since. */
export const hostOfTests: ProcessInfo = createProcessInfo({
  host: 'here',
  pid: 1,
  processStart: (pid) => `start of ${pid}`,
  isRunning: (pid) => [1, 2, 4].includes(pid),
});

function ownedBy(owner: Partial<Owner>): { [OWNER]: Owner } {
  return {
    [OWNER]: { id: 'other', host: 'here', pid: 2, processStart: 'start of 2', ...owner } as Owner,
  };
}

export function template(given: Partial<TrialTemplate> = {}): TrialTemplate {
  return {
    state: 'complete',
    values: null,
    startedAtMs: null,
    completedAtMs: null,
    params: {},
    distributions: {},
    intermediateValues: new Map(),
    userAttrs: {},
    systemAttrs: {},
    ...given,
  };
}

export function describeStorage(name: string, kind: StorageKind): void {
  describe(name, () => {
    let storage: Storage;
    let studyId: number;

    beforeEach(async () => {
      storage = await kind.create(hostOfTests);
      studyId = await storage.createStudy(['minimize'], 'study');
    });

    afterEach(async () => {
      await storage.close();
      await kind.cleanUp();
    });

    /** What was written must also be there for an object that only reads. */
    async function expectStored(trial: FrozenTrial): Promise<void> {
      expect(await storage.getTrial(trial.trialId)).toEqual(trial);
      if (!kind.reopen) return;
      const other = await kind.reopen();
      expect(await other.getTrial(trial.trialId)).toEqual(trial);
      await other.close();
    }

    describe('studies', () => {
      it('creates and finds studies', async () => {
        const id = await storage.createStudy(['maximize', 'minimize'], 'two objectives');
        expect(id).toBeGreaterThan(studyId);
        expect(await storage.getStudyId('two objectives')).toBe(id);
        expect(await storage.getStudy(id)).toEqual({
          studyId: id,
          studyName: 'two objectives',
          directions: ['maximize', 'minimize'],
          userAttrs: {},
          systemAttrs: {},
        });
        expect((await storage.getStudies()).map((study) => study.studyName)).toEqual([
          'study',
          'two objectives',
        ]);
      });

      it('makes up a unique name', async () => {
        const ids = [
          await storage.createStudy(['minimize']),
          await storage.createStudy(['minimize']),
        ];
        const names = await Promise.all(
          ids.map(async (id) => (await storage.getStudy(id)).studyName),
        );
        expect(new Set(names).size).toBe(2);
        expect(names[0]).not.toBe('');
      });

      it.each([
        ['with other letters', 'Ünïcödé 漢字 🎯'],
        ['with quotes', '\' and " and ; --'],
        ['with blank ends', ' blank '],
        ['of 512 characters', 'a'.repeat(512)],
        ['of 512 characters that take two units each', '🎯'.repeat(512)],
      ])('takes a name %s', async (_, studyName) => {
        const id = await storage.createStudy(['minimize'], studyName);
        expect(await storage.getStudyId(studyName)).toBe(id);
        expect((await storage.getStudy(id)).studyName).toBe(studyName);
      });

      it('refuses an empty name and one that is too long', async () => {
        for (const studyName of ['', 'a'.repeat(513)]) {
          const refused = { code: 'INVALID_ARGUMENT' };
          await expect(storage.createStudy(['minimize'], studyName)).rejects.toMatchObject(refused);
          await expect(storage.renameStudy(studyId, studyName)).rejects.toMatchObject(refused);
        }
      });

      it('refuses no and unknown directions', async () => {
        await expect(storage.createStudy([])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        await expect(storage.createStudy(['up' as 'minimize'])).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
      });

      it('refuses a name that is taken', async () => {
        const other = await storage.createStudy(['minimize'], 'other');
        await expect(storage.createStudy(['minimize'], 'study')).rejects.toMatchObject({
          code: 'DUPLICATED_STUDY',
        });
        await expect(storage.renameStudy(other, 'study')).rejects.toMatchObject({
          code: 'DUPLICATED_STUDY',
        });
        expect(await storage.getStudies()).toHaveLength(2);
      });

      it('renames', async () => {
        await storage.renameStudy(studyId, 'new name');
        await storage.renameStudy(studyId, 'new name');
        expect((await storage.getStudy(studyId)).studyName).toBe('new name');
        expect(await storage.getStudyId('new name')).toBe(studyId);
        await expect(storage.getStudyId('study')).rejects.toMatchObject({
          code: 'STUDY_NOT_FOUND',
        });
      });

      it('deletes a study with its trials and does not give its ids again', async () => {
        const other = await storage.createStudy(['minimize'], 'other');
        const kept = await storage.createTrial(other);
        const trial = await storage.createTrial(studyId);
        await storage.setTrialParam(trial.trialId, 'x', 0.5, float);
        await storage.setTrialUserAttr(trial.trialId, 'a', 1);
        await storage.setTrialIntermediateValue(trial.trialId, 0, 1);
        await storage.recordHeartbeat(trial.trialId);
        await storage.finishTrial(trial.trialId, 'complete', [1]);
        await storage.setStudyUserAttr(studyId, 'a', 1);
        await storage.deleteStudy(studyId);
        await storage.deleteStudy(await storage.createStudy(['minimize'], 'short-lived'));
        await expect(storage.getStudy(studyId)).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
        await expect(storage.getTrials(studyId)).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });
        await expect(storage.getTrial(trial.trialId)).rejects.toMatchObject({
          code: 'TRIAL_NOT_FOUND',
        });
        const again = await storage.createStudy(['minimize'], 'study');
        expect(again).toBeGreaterThan(other + 1);
        expect((await storage.getStudy(again)).userAttrs).toEqual({});
        const next = await storage.createTrial(again);
        expect(next.number).toBe(0);
        expect(next.trialId).toBeGreaterThan(trial.trialId);
        expect(await storage.getTrial(kept.trialId)).toEqual(kept);
      });

      it('keeps attributes, replacing what is there', async () => {
        await storage.setStudyUserAttr(studyId, 'a', 1);
        await storage.setStudyUserAttr(studyId, 'a', [1, 'two', { three: null }]);
        await storage.setStudySystemAttr(studyId, 'a', 'system');
        const before = await storage.getStudy(studyId);
        await storage.setStudyUserAttr(studyId, '__proto__', true);
        expect(before).toMatchObject({
          userAttrs: { a: [1, 'two', { three: null }] },
          systemAttrs: { a: 'system' },
        });
        expect(Object.entries((await storage.getStudy(studyId)).userAttrs)).toEqual([
          ['a', [1, 'two', { three: null }]],
          ['__proto__', true],
        ]);
        expect((await storage.getStudies())[0]).toEqual(await storage.getStudy(studyId));
      });

      it('says which study it does not know', async () => {
        const unknown = { code: 'STUDY_NOT_FOUND' };
        for (const call of [
          storage.getStudy(99),
          storage.getStudyId('unknown'),
          storage.deleteStudy(99),
          storage.renameStudy(99, 'name'),
          storage.setStudyUserAttr(99, 'a', 1),
          storage.setStudySystemAttr(99, 'a', 1),
          storage.createTrial(99),
          storage.createTrial(99, template()),
          storage.claimWaitingTrial(99),
          storage.requeueOrphanedTrials(99),
          storage.getTrials(99),
          storage.countTrials(99),
          storage.getTrialByNumber(99, 0),
          storage.getTrialChanges(99, 0),
        ])
          await expect(call).rejects.toMatchObject(unknown);
      });
    });

    describe('trials', () => {
      it('starts a trial of this process', async () => {
        const before = Date.now() - 60;
        const trial = await storage.createTrial(studyId);
        expect(trial).toMatchObject({
          number: 0,
          state: 'running',
          values: null,
          completedAtMs: null,
          params: {},
          internalParams: {},
          distributions: {},
          userAttrs: {},
          systemAttrs: { [OWNER]: hostOfTests.owner },
        });
        expect(trial.intermediateValues.size).toBe(0);
        expect(trial.startedAtMs).toBeGreaterThan(before);
        expect(trial.startedAtMs).toBeLessThan(Date.now() + 60);
        await expectStored(trial);
      });

      it('counts numbers within each study and ids over all', async () => {
        const other = await storage.createStudy(['minimize'], 'other');
        const trials = [
          await storage.createTrial(studyId),
          await storage.createTrial(other),
          await storage.createTrial(studyId, template()),
        ];
        expect(trials.map((trial) => trial.number)).toEqual([0, 0, 1]);
        expect(new Set(trials.map((trial) => trial.trialId)).size).toBe(3);
        expect((await storage.getTrialByNumber(studyId, 1)).trialId).toBe(trials[2]?.trialId);
      });

      it('numbers trials that are created at once', async () => {
        const trials = await Promise.all(
          Array.from({ length: 20 }, () => storage.createTrial(studyId)),
        );
        expect(trials.map((trial) => trial.number)).toEqual(
          Array.from({ length: 20 }, (_, i) => i),
        );
      });

      it('adds a trial as the template says', async () => {
        const given = template({
          state: 'pruned',
          values: [-Infinity],
          startedAtMs: 1_700_000_000_000.123,
          completedAtMs: 1_700_000_001_000.999,
          params: { x: 0.25, n: 3, optimizer: null, __proto__: 'sgd' },
          distributions: { x: float, n: int, optimizer: choice },
          intermediateValues: new Map([
            [3, NaN],
            [1, Infinity],
            [2, -Infinity],
            [0, 0.1],
          ]),
          userAttrs: { nested: { list: [1, NaN, 'ü'] } },
          systemAttrs: { [FIXED_PARAMS]: { x: 0.25 } },
        });
        const trial = await storage.createTrial(studyId, given);
        expect(trial).toMatchObject({ ...given, intermediateValues: expect.anything() });
        expect(trial.internalParams).toEqual({ x: 0.25, n: 3, optimizer: 2 });
        expect([...trial.intermediateValues]).toEqual([
          [0, 0.1],
          [1, Infinity],
          [2, -Infinity],
          [3, NaN],
        ]);
        await expectStored(trial);
      });

      it.each(trialStates)('adds a trial that is %s', async (state) => {
        const trial = await storage.createTrial(studyId, template({ state }));
        expect(trial).toMatchObject({ state, startedAtMs: null, systemAttrs: {} });
        await expectStored(trial);
      });

      it('refuses templates that contradict themselves or the study, and stores nothing of them', async () => {
        await storage.createTrial(
          studyId,
          template({ params: { x: 0.5 }, distributions: { x: float } }),
        );
        for (const bad of [
          template({ params: { y: 1 } }),
          template({ distributions: { y: float } }),
          template({ params: { y: 'none' }, distributions: { y: choice } }),
          template({ params: { x: 0.5 }, distributions: { x: logFloat } }),
          template({ params: { x: 1 }, distributions: { x: int } }),
          template({ values: [NaN] }),
          template({ intermediateValues: new Map([[0.5, 1]]) }),
          template({ userAttrs: { ['k'.repeat(513)]: 1 } }),
          template({ userAttrs: { f: (() => 1) as unknown as AttrValue } }),
        ])
          await expect(storage.createTrial(studyId, bad)).rejects.toMatchObject({
            code: 'INVALID_ARGUMENT',
          });
        expect(await storage.countTrials(studyId)).toBe(1);
        expect((await storage.createTrial(studyId)).number).toBe(1);
      });

      it('copies what it is given', async () => {
        const list = [1, 2];
        const values = [1];
        const running = await storage.createTrial(studyId);
        const writes = [
          storage.createTrial(studyId, template({ values, userAttrs: { list } })),
          storage.setTrialUserAttr(running.trialId, 'list', list),
          storage.setStudyUserAttr(studyId, 'list', list),
          storage.finishTrial(running.trialId, 'complete', values),
        ] as const;
        list.push(3);
        values[0] = 2;
        const [trial] = await Promise.all(writes);
        list.push(4);
        expect(await storage.getTrial(trial.trialId)).toMatchObject({
          values: [1],
          userAttrs: { list: [1, 2] },
        });
        expect(await storage.getTrial(running.trialId)).toMatchObject({
          values: [1],
          userAttrs: { list: [1, 2] },
        });
        expect((await storage.getStudy(studyId)).userAttrs).toEqual({ list: [1, 2] });
      });

      it('stores parameters in the order they come', async () => {
        const { trialId } = await storage.createTrial(studyId);
        await storage.setTrialParam(trialId, 'z', 0.5, float);
        await storage.setTrialParam(trialId, 'n', 5, int);
        await storage.setTrialParam(trialId, 'optimizer', 4, choice);
        await storage.setTrialParam(trialId, 'ключ 🔑', 1e-5, logFloat);
        const trial = await storage.getTrial(trialId);
        expect(Object.entries(trial.params)).toEqual([
          ['z', 0.5],
          ['n', 5],
          ['optimizer', 0.5],
          ['ключ 🔑', 1e-5],
        ]);
        expect(trial.internalParams).toEqual({ z: 0.5, n: 5, optimizer: 4, 'ключ 🔑': 1e-5 });
        expect(trial.distributions).toEqual({
          z: float,
          n: int,
          optimizer: choice,
          'ключ 🔑': logFloat,
        });
        await expectStored(trial);
      });

      it('lets the last write of a parameter win', async () => {
        const { trialId } = await storage.createTrial(studyId);
        await storage.setTrialParam(trialId, 'x', 0.5, float);
        const wider = createFloatDistribution(0, 4);
        await storage.setTrialParam(trialId, 'x', 3, wider);
        const trial = await storage.getTrial(trialId);
        expect(trial.params).toEqual({ x: 3 });
        expect(trial.distributions).toEqual({ x: wider });
        await expectStored(trial);
      });

      it('refuses a distribution that does not fit the one of another trial', async () => {
        const first = await storage.createTrial(studyId);
        await storage.setTrialParam(first.trialId, 'x', 0.5, float);
        await storage.setTrialParam(first.trialId, 'c', 0, choice);
        const { trialId } = await storage.createTrial(studyId);
        const other = createCategoricalDistribution(['adam', 'sgd']);
        await expect(storage.setTrialParam(trialId, 'x', 1, int)).rejects.toThrow(/"x"/);
        await expect(storage.setTrialParam(trialId, 'x', 1, logFloat)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
        await expect(storage.setTrialParam(trialId, 'c', 0, other)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
        await storage.setTrialParam(trialId, 'x', 3, createFloatDistribution(-5, 5));
        const elsewhere = await storage.createStudy(['minimize'], 'elsewhere');
        const free = await storage.createTrial(elsewhere);
        await storage.setTrialParam(free.trialId, 'x', 1, int);
        expect((await storage.getTrial(trialId)).params).toEqual({ x: 3 });
      });

      it('refuses parameters without a value or with too long a name', async () => {
        const { trialId } = await storage.createTrial(studyId);
        for (const call of [
          storage.setTrialParam(trialId, 'x', NaN, float),
          storage.setTrialParam(trialId, 'c', 5, choice),
          storage.setTrialParam(trialId, 'x'.repeat(513), 0, float),
        ])
          await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        expect((await storage.getTrial(trialId)).params).toEqual({});
      });

      it('stores intermediate values by step, whatever the order and the value', async () => {
        const { trialId } = await storage.createTrial(studyId);
        const reports: [number, number][] = [
          [5, 0.1],
          [2, NaN],
          [9, Infinity],
          [3, -Infinity],
          [5, -1e300],
          [0, 5e-324],
        ];
        for (const [step, value] of reports)
          await storage.setTrialIntermediateValue(trialId, step, value);
        const trial = await storage.getTrial(trialId);
        expect([...trial.intermediateValues]).toEqual([
          [0, 5e-324],
          [2, NaN],
          [3, -Infinity],
          [5, -1e300],
          [9, Infinity],
        ]);
        await expectStored(trial);
        for (const step of [-1, 0.5, NaN])
          await expect(storage.setTrialIntermediateValue(trialId, step, 1)).rejects.toMatchObject({
            code: 'INVALID_ARGUMENT',
          });
      });

      it('keeps attributes of any kind and length', async () => {
        const { trialId } = await storage.createTrial(studyId);
        const values: Record<string, AttrValue> = {
          null: null,
          numbers: [0, -1, 1.5, 1e-7, 1e21, 2 ** 53, NaN, Infinity, -Infinity],
          text: 'a "quoted"\\ line\n\ttab \u0000 \u007f é 漢字 🎯 \ud800',
          '2,045 characters and one': 'x'.repeat(2046),
          long: 'ü'.repeat(200_000),
          '': { '': [], deep: { deeper: [{}, [[]]] } },
          ['k'.repeat(512)]: false,
        };
        for (const [key, value] of Object.entries(values)) {
          await storage.setTrialUserAttr(trialId, key, value);
          await storage.setTrialSystemAttr(trialId, key, value);
        }
        const trial = await storage.getTrial(trialId);
        expect(trial.userAttrs).toEqual(values);
        expect(trial.systemAttrs).toEqual({ [OWNER]: hostOfTests.owner, ...values });
        await expectStored(trial);
        for (const bad of [undefined, () => 1, new Date(), 10n])
          await expect(
            storage.setTrialUserAttr(trialId, 'bad', bad as unknown as AttrValue),
          ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      });

      it('finishes with values, infinities among them', async () => {
        const two = await storage.createStudy(['minimize', 'maximize'], 'two objectives');
        const { trialId, startedAtMs } = await storage.createTrial(two);
        await storage.finishTrial(trialId, 'complete', [Infinity, -0.5]);
        const trial = await storage.getTrial(trialId);
        expect(trial).toMatchObject({ state: 'complete', values: [Infinity, -0.5], startedAtMs });
        expect(trial.completedAtMs).toBeGreaterThanOrEqual((startedAtMs as number) - 60);
        await expectStored(trial);
      });

      it.each(['pruned', 'fail'] as const)('finishes as %s without values', async (state) => {
        const { trialId } = await storage.createTrial(studyId);
        await storage.finishTrial(trialId, state, null);
        const trial = await storage.getTrial(trialId);
        expect(trial).toMatchObject({ state, values: null });
        await expectStored(trial);
      });

      it('refuses to finish with NaN or in a state that is no end', async () => {
        const { trialId } = await storage.createTrial(studyId);
        for (const call of [
          storage.finishTrial(trialId, 'complete', [NaN]),
          storage.finishTrial(trialId, 'running', null),
          storage.finishTrial(trialId, 'waiting', null),
        ])
          await expect(call).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        expect(await storage.getTrial(trialId)).toMatchObject({ state: 'running', values: null });
      });

      it.each(['complete', 'pruned', 'fail'] as const)(
        'never changes a trial that is %s',
        async (state) => {
          const { trialId } = await storage.createTrial(studyId);
          await storage.setTrialParam(trialId, 'x', 0.5, float);
          await storage.finishTrial(trialId, state, state === 'complete' ? [1] : null);
          const trial = await storage.getTrial(trialId);
          for (const call of [
            storage.setTrialParam(trialId, 'y', 0.5, float),
            storage.setTrialIntermediateValue(trialId, 0, 1),
            storage.setTrialUserAttr(trialId, 'a', 1),
            storage.setTrialSystemAttr(trialId, 'a', 1),
            storage.finishTrial(trialId, 'complete', [2]),
          ])
            await expect(call).rejects.toMatchObject({ code: 'UPDATE_FINISHED_TRIAL' });
          await storage.recordHeartbeat(trialId);
          expect(await storage.requeueTrial(trialId, hostOfTests.owner.id)).toBe(false);
          expect(await storage.getTrial(trialId)).toBe(trial);
          await expectStored(trial);
        },
      );

      it('says which trial it does not know', async () => {
        const unknown = { code: 'TRIAL_NOT_FOUND' };
        for (const call of [
          storage.getTrial(99),
          storage.getTrialByNumber(studyId, 0),
          storage.setTrialParam(99, 'x', 0, float),
          storage.setTrialIntermediateValue(99, 0, 0),
          storage.setTrialUserAttr(99, 'a', 1),
          storage.setTrialSystemAttr(99, 'a', 1),
          storage.finishTrial(99, 'fail', null),
          storage.requeueTrial(99, null),
          storage.deleteTrial(99),
        ])
          await expect(call).rejects.toMatchObject(unknown);
        await storage.recordHeartbeat(99);
      });

      it('lists and counts by state, by number', async () => {
        const states: TrialState[] = ['waiting', 'complete', 'fail', 'complete', 'pruned'];
        for (const state of states) await storage.createTrial(studyId, template({ state }));
        await storage.createTrial(studyId);
        const numbers = async (wanted?: TrialState[]): Promise<number[]> =>
          (await storage.getTrials(studyId, wanted)).map((trial) => trial.number);
        expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5]);
        expect(await numbers(['pruned', 'complete'])).toEqual([1, 3, 4]);
        expect(await numbers(['running'])).toEqual([5]);
        expect(await numbers([])).toEqual([]);
        expect(await storage.countTrials(studyId)).toBe(6);
        expect(await storage.countTrials(studyId, ['complete', 'fail'])).toBe(3);
        expect(await storage.countTrials(studyId, [])).toBe(0);
      });

      it('counts without having listed, deleted trials not among them', async () => {
        for (const state of ['fail', 'complete', 'waiting'] as const)
          await storage.createTrial(studyId, template({ state }));
        await storage.deleteTrial((await storage.getTrialByNumber(studyId, 1)).trialId);
        const other = kind.reopen ? await kind.reopen() : storage;
        expect(await other.countTrials(studyId)).toBe(2);
        expect(await other.countTrials(studyId, ['fail', 'complete'])).toBe(1);
        if (other !== storage) await other.close();
      });

      it('handles more trials than a statement has parameters', async () => {
        for (let i = 0; i < 1100; i++)
          await storage.createTrial(
            studyId,
            template({ state: 'waiting', systemAttrs: { [FIXED_PARAMS]: { x: i } } }),
          );
        const other = kind.reopen ? await kind.reopen() : storage;
        expect(await other.countTrials(studyId)).toBe(1100);
        const trials = await other.getTrials(studyId, ['waiting']);
        expect(trials.map((trial) => trial.number)).toEqual([...Array(1100).keys()]);
        await storage.setTrialUserAttr(trials[500]?.trialId as number, 'seen', true);
        const again = await other.getTrials(studyId);
        expect(again[500]?.userAttrs).toEqual({ seen: true });
        expect(again.filter((trial, i) => trial !== trials[i])).toEqual([again[500]]);
        if (other !== storage) await other.close();
      });
    });

    describe('what is given out', () => {
      it('is the identical object until the trial changes', async () => {
        const { trialId } = await storage.createTrial(studyId);
        const other = await storage.createTrial(studyId, template());
        let last = await storage.getTrial(trialId);
        for (const change of [
          () => storage.setTrialParam(trialId, 'x', 0.5, float),
          () => storage.setTrialIntermediateValue(trialId, 0, 1),
          () => storage.setTrialUserAttr(trialId, 'a', 1),
          () => storage.setTrialSystemAttr(trialId, 'a', 1),
          () => storage.finishTrial(trialId, 'complete', [1]),
        ]) {
          expect(await storage.getTrial(trialId)).toBe(last);
          expect((await storage.getTrials(studyId))[0]).toBe(last);
          expect(await storage.getTrialByNumber(studyId, 0)).toBe(last);
          const copy = structuredClone(last);
          await change();
          const next = await storage.getTrial(trialId);
          expect(next).not.toBe(last);
          expect(last).toEqual(copy);
          last = next;
        }
        expect((await storage.getTrials(studyId))[1]).toBe(await storage.getTrial(other.trialId));
      });

      it('says of a trial read in passing what it says otherwise, at every step, and leaves alone what was given out', async () => {
        const { trialId } = await storage.createTrial(studyId);
        const given: { trial: FrozenTrial; copy: FrozenTrial }[] = [];
        const look = async (): Promise<FrozenTrial> =>
          storage.getTrial(trialId, { inPassing: true });
        const lookAndCopy = async (): Promise<FrozenTrial> => structuredClone(await look());
        // Steps again and out of order, and other writes between.
        for (const [i, step] of [3, 4, 5, 4, 9, 7, 10, 0, 11, 12, 12].entries()) {
          await storage.setTrialIntermediateValue(trialId, step, i === 4 ? NaN : i);
          const passing = await lookAndCopy();
          if (i % 3 === 1) await storage.setTrialUserAttr(trialId, 'i', i);
          if (i % 2 === 1) continue;
          const trial = await storage.getTrial(trialId);
          expect([...passing.intermediateValues]).toEqual([...trial.intermediateValues]);
          expect(await lookAndCopy()).toEqual(trial);
          given.push({ trial, copy: structuredClone(trial) });
        }
        for (const { trial, copy } of given) expect(trial).toEqual(copy);
        await storage.finishTrial(trialId, 'complete', [1]);
        expect(await look()).toBe(await storage.getTrial(trialId));
        await expect(storage.getTrial(99, { inPassing: true })).rejects.toMatchObject({
          code: 'TRIAL_NOT_FOUND',
        });
      });

      it('keeps an old list of intermediate values as it was', async () => {
        const { trialId } = await storage.createTrial(studyId);
        const seen: FrozenTrial[] = [];
        for (let step = 0; step < 50; step++) {
          await storage.setTrialIntermediateValue(trialId, step, step);
          if (step % 7 === 0) seen.push(await storage.getTrial(trialId));
        }
        expect(seen.map((trial) => trial.intermediateValues.size)).toEqual([
          1, 8, 15, 22, 29, 36, 43, 50,
        ]);
      });
    });

    describe('changes', () => {
      it('gives everything first, then only what changed', async () => {
        for (let i = 0; i < 3; i++) await storage.createTrial(studyId);
        const first = await storage.getTrialChanges(studyId, 0);
        expect(first.trials).toEqual(await storage.getTrials(studyId));
        expect(await storage.getTrialChanges(studyId, first.revision)).toEqual({
          revision: first.revision,
          trials: [],
          deletedTrialIds: [],
        });
        const [a, b, c] = first.trials as [FrozenTrial, FrozenTrial, FrozenTrial];
        await storage.setTrialUserAttr(c.trialId, 'k', 1);
        await storage.finishTrial(a.trialId, 'complete', [1]);
        await storage.setTrialIntermediateValue(c.trialId, 0, 1);
        const second = await storage.getTrialChanges(studyId, first.revision);
        expect(second.revision).toBeGreaterThan(first.revision);
        expect(second.trials.map((trial) => trial.number)).toEqual([0, 2]);
        await storage.finishTrial(b.trialId, 'fail', null);
        const third = await storage.getTrialChanges(studyId, second.revision);
        expect(third.trials.map((trial) => trial.number)).toEqual([1]);
        const sinceFirst = await storage.getTrialChanges(studyId, first.revision);
        expect(sinceFirst.trials.map((trial) => trial.number)).toEqual([0, 1, 2]);
        expect(sinceFirst.trials[0]).toBe(await storage.getTrial(a.trialId));
      });

      it('tells of deleted trials', async () => {
        const a = await storage.createTrial(studyId, template());
        const b = await storage.createTrial(studyId, template());
        const { revision } = await storage.getTrialChanges(studyId, 0);
        await storage.deleteTrial(a.trialId);
        const changes = await storage.getTrialChanges(studyId, revision);
        expect(changes).toMatchObject({ trials: [], deletedTrialIds: [a.trialId] });
        expect(await storage.getTrialChanges(studyId, 0)).toMatchObject({
          trials: [await storage.getTrial(b.trialId)],
          deletedTrialIds: [],
        });
        expect(await storage.getTrialChanges(studyId, changes.revision)).toMatchObject({
          trials: [],
          deletedTrialIds: [],
        });
      });

      it('forgets nothing over thousands of writes', async () => {
        const mirror = new Map<number, FrozenTrial>();
        let revision = 0;
        for (let i = 0; i < 600; i++) {
          const { trialId } = await storage.createTrial(studyId);
          for (let step = 0; step < 4; step++) {
            await storage.setTrialIntermediateValue(trialId, step, step);
            if ((i + step) % 5 !== 0) continue;
            const changes = await storage.getTrialChanges(studyId, revision);
            revision = changes.revision;
            for (const trial of changes.trials) mirror.set(trial.trialId, trial);
          }
          if (i % 3 === 0) await storage.finishTrial(trialId, 'complete', [i]);
        }
        for (const trial of (await storage.getTrialChanges(studyId, revision)).trials)
          mirror.set(trial.trialId, trial);
        expect([...mirror.values()]).toEqual(await storage.getTrials(studyId));
      });
    });

    describe('deleting trials', () => {
      it('removes the trial and never gives its number or id again', async () => {
        const trials: FrozenTrial[] = [];
        for (let i = 0; i < 3; i++) {
          const { trialId } = await storage.createTrial(studyId);
          await storage.setTrialParam(trialId, 'x', 0.5, float);
          await storage.finishTrial(trialId, 'complete', [i]);
          trials.push(await storage.getTrial(trialId));
        }
        const [a, b, c] = trials as [FrozenTrial, FrozenTrial, FrozenTrial];
        await storage.deleteTrial(c.trialId);
        await storage.deleteTrial(a.trialId);
        const next = await storage.createTrial(studyId);
        expect(next.number).toBe(3);
        expect(next.trialId).toBeGreaterThan(c.trialId);
        expect(await storage.getTrials(studyId)).toEqual([b, next]);
        expect(await storage.countTrials(studyId)).toBe(2);
        const gone = { code: 'TRIAL_NOT_FOUND' };
        await expect(storage.getTrial(a.trialId)).rejects.toMatchObject(gone);
        await expect(storage.getTrialByNumber(studyId, 2)).rejects.toMatchObject(gone);
        await expect(storage.deleteTrial(a.trialId)).rejects.toMatchObject(gone);
        await expect(storage.setTrialUserAttr(a.trialId, 'k', 1)).rejects.toMatchObject(gone);
        if (!kind.reopen) return;
        const other = await kind.reopen();
        expect(await other.getTrials(studyId)).toEqual([b, next]);
        await expect(other.getTrial(c.trialId)).rejects.toMatchObject(gone);
        await other.close();
      });

      it('refuses to delete a running trial', async () => {
        const { trialId } = await storage.createTrial(studyId);
        await expect(storage.deleteTrial(trialId)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
        expect((await storage.getTrial(trialId)).state).toBe('running');
      });

      it('forgets the distributions that only deleted trials had', async () => {
        const { trialId } = await storage.createTrial(studyId);
        await storage.setTrialParam(trialId, 'x', 0.5, float);
        await storage.finishTrial(trialId, 'complete', [1]);
        await storage.deleteTrial(trialId);
        const next = await storage.createTrial(studyId);
        await storage.setTrialParam(next.trialId, 'x', 1, int);
        expect((await storage.getTrial(next.trialId)).params).toEqual({ x: 1 });
      });
    });

    describe('restoring deleted trials', () => {
      /** Everything a trial can have, in an order that is not the alphabet's. */
      const full = (): TrialTemplate =>
        template({
          state: 'pruned',
          values: [0.25],
          params: { z: 0.5, a: 0.125, m: 3 },
          distributions: { z: float, a: float, m: int },
          intermediateValues: new Map([
            [0, NaN],
            [3, Infinity],
            [7, 0.25],
          ]),
          userAttrs: { zebra: 'stripes', apple: [1, null, { nested: -Infinity }] },
          systemAttrs: { 'parzen:independent_params': ['m'] },
        });

      it('brings back everything, in its order, under its id and number', async () => {
        const before: FrozenTrial[] = [];
        for (let i = 0; i < 3; i++) before.push(await storage.createTrial(studyId, full()));
        const [, trial] = before as [FrozenTrial, FrozenTrial, FrozenTrial];
        await storage.getTrialChanges(studyId, 0);
        await storage.deleteTrial(trial.trialId);
        const { revision } = await storage.getTrialChanges(studyId, 0);
        await storage.restoreTrial(studyId, trial);
        const all = await storage.getTrials(studyId);
        expect(all).toEqual(before);
        const restored = all[1] as FrozenTrial;
        expect(Object.keys(restored.params)).toEqual(['z', 'a', 'm']);
        expect(Object.keys(restored.userAttrs)).toEqual(['zebra', 'apple']);
        expect([...restored.intermediateValues.keys()]).toEqual([0, 3, 7]);
        expect(await storage.getTrialByNumber(studyId, 1)).toBe(restored);
        expect(await storage.countTrials(studyId, ['pruned'])).toBe(3);
        expect(await storage.getTrialChanges(studyId, revision)).toMatchObject({
          trials: [restored],
          deletedTrialIds: [],
        });
        expect((await storage.createTrial(studyId)).number).toBe(3);
        if (!kind.reopen) return;
        const other = await kind.reopen();
        expect((await other.getTrials(studyId)).slice(0, 3)).toEqual(before);
        await other.close();
      });

      it('puts a waiting trial back into the queue', async () => {
        const waiting = await storage.createTrial(
          studyId,
          template({ state: 'waiting', systemAttrs: { fixed_params: { x: 1 } } }),
        );
        await storage.deleteTrial(waiting.trialId);
        expect(await storage.claimWaitingTrial(studyId)).toBeNull();
        await storage.restoreTrial(studyId, waiting);
        expect(await storage.getTrial(waiting.trialId)).toEqual(waiting);
        const claimed = await storage.claimWaitingTrial(studyId);
        expect(claimed?.trialId).toBe(waiting.trialId);
        await storage.finishTrial(waiting.trialId, 'complete', [1]);
        if (!kind.reopen) return;
        const other = await kind.reopen();
        expect(await other.getTrial(waiting.trialId)).toMatchObject({
          state: 'complete',
          values: [1],
        });
        await other.close();
      });

      it('can be deleted and restored again and again', async () => {
        const trial = await storage.createTrial(studyId, full());
        for (let i = 0; i < 3; i++) {
          await storage.deleteTrial(trial.trialId);
          expect(await storage.getTrials(studyId)).toEqual([]);
          await storage.restoreTrial(studyId, trial);
          expect(await storage.getTrials(studyId)).toEqual([trial]);
        }
      });

      it('refuses what was not deleted from this study under this number', async () => {
        const trial = await storage.createTrial(studyId, full());
        const otherStudy = await storage.createStudy(['minimize']);
        const gone = { code: 'TRIAL_NOT_FOUND' };
        await expect(storage.restoreTrial(studyId, trial)).rejects.toMatchObject(gone);
        await storage.deleteTrial(trial.trialId);
        await expect(storage.restoreTrial(otherStudy, trial)).rejects.toMatchObject(gone);
        await expect(storage.restoreTrial(studyId, { ...trial, number: 5 })).rejects.toMatchObject(
          gone,
        );
        await expect(
          storage.restoreTrial(studyId, { ...trial, trialId: 99 }),
        ).rejects.toMatchObject(gone);
        await expect(storage.restoreTrial(99, trial)).rejects.toMatchObject({
          code: 'STUDY_NOT_FOUND',
        });
        expect(await storage.getTrials(studyId)).toEqual([]);
      });

      it('refuses a trial whose parameter has become another one meanwhile', async () => {
        const trial = await storage.createTrial(
          studyId,
          template({ params: { x: 0.5 }, distributions: { x: float } }),
        );
        await storage.deleteTrial(trial.trialId);
        const next = await storage.createTrial(studyId);
        await storage.setTrialParam(next.trialId, 'x', 1, int);
        await expect(storage.restoreTrial(studyId, trial)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        });
        expect(await storage.countTrials(studyId)).toBe(1);
      });
    });

    describe('the queue', () => {
      const waiting = (x: number): TrialTemplate =>
        template({ state: 'waiting', systemAttrs: { [FIXED_PARAMS]: { x } } });

      it('hands out waiting trials by number, once', async () => {
        expect(await storage.claimWaitingTrial(studyId)).toBeNull();
        await storage.createTrial(studyId, waiting(1));
        await storage.createTrial(studyId);
        await storage.createTrial(studyId, waiting(2));
        const first = (await storage.claimWaitingTrial(studyId)) as FrozenTrial;
        expect(first).toMatchObject({
          number: 0,
          state: 'running',
          systemAttrs: { [FIXED_PARAMS]: { x: 1 }, [OWNER]: hostOfTests.owner },
        });
        expect(first.startedAtMs).not.toBeNull();
        await expectStored(first);
        expect((await storage.claimWaitingTrial(studyId))?.number).toBe(2);
        expect(await storage.claimWaitingTrial(studyId)).toBeNull();
      });

      it('hands each trial to one of several that ask at once', async () => {
        for (let i = 0; i < 5; i++) await storage.createTrial(studyId, waiting(i));
        const claimed = await Promise.all(
          Array.from({ length: 8 }, () => storage.claimWaitingTrial(studyId)),
        );
        expect(claimed.map((trial) => trial?.number ?? null)).toEqual([
          0,
          1,
          2,
          3,
          4,
          null,
          null,
          null,
        ]);
      });

      it('puts a running trial back with its parameters', async () => {
        await storage.createTrial(
          studyId,
          template({
            state: 'waiting',
            systemAttrs: { [FIXED_PARAMS]: { x: 0.25, later: 'sgd' }, other: 1 },
          }),
        );
        const { trialId } = (await storage.claimWaitingTrial(studyId)) as FrozenTrial;
        await storage.setTrialParam(trialId, 'x', 0.25, float);
        await storage.setTrialParam(trialId, 'optimizer', 2, choice);
        await storage.setTrialIntermediateValue(trialId, 0, 1);
        await storage.setTrialUserAttr(trialId, 'note', 'kept');
        await storage.recordHeartbeat(trialId);
        expect(await storage.requeueTrial(trialId, hostOfTests.owner.id)).toBe(true);
        const trial = await storage.getTrial(trialId);
        expect(trial).toEqual({
          trialId,
          number: 0,
          ...template({ state: 'waiting' }),
          internalParams: {},
          userAttrs: { note: 'kept' },
          systemAttrs: { [FIXED_PARAMS]: { x: 0.25, later: 'sgd', optimizer: null }, other: 1 },
        });
        await expectStored(trial);
        expect((await storage.claimWaitingTrial(studyId))?.trialId).toBe(trialId);
      });

      it('puts a trial without parameters back', async () => {
        const { trialId } = await storage.createTrial(studyId);
        expect(await storage.requeueTrial(trialId, hostOfTests.owner.id)).toBe(true);
        expect(await storage.getTrial(trialId)).toMatchObject({
          state: 'waiting',
          systemAttrs: {},
        });
      });

      it('puts a trial back only if it has the owner that is expected', async () => {
        const ours = await storage.createTrial(studyId);
        const nobodys = await storage.createTrial(studyId, template({ state: 'running' }));
        const queued = await storage.createTrial(studyId, waiting(1));
        expect(await storage.requeueTrial(ours.trialId, 'other')).toBe(false);
        expect(await storage.requeueTrial(ours.trialId, null)).toBe(false);
        expect(await storage.requeueTrial(nobodys.trialId, hostOfTests.owner.id)).toBe(false);
        expect(await storage.requeueTrial(queued.trialId, null)).toBe(false);
        expect(await storage.countTrials(studyId, ['running'])).toBe(2);
        expect(await storage.requeueTrial(nobodys.trialId, null)).toBe(true);
        expect(await storage.countTrials(studyId, ['running'])).toBe(1);
      });

      it('lets a parameter change its kind when no trial has it any more', async () => {
        const { trialId } = await storage.createTrial(studyId);
        await storage.setTrialParam(trialId, 'x', 0.5, float);
        await storage.requeueTrial(trialId, hostOfTests.owner.id);
        await storage.claimWaitingTrial(studyId);
        await storage.setTrialParam(trialId, 'x', 1, int);
        expect((await storage.getTrial(trialId)).distributions).toEqual({ x: int });
      });
    });

    describe('orphans', () => {
      const longAgo = Date.now() - HEARTBEAT_GRACE_MS - 60_000;
      const running = (systemAttrs: TrialTemplate['systemAttrs'], startedAtMs = longAgo) =>
        template({ state: 'running', startedAtMs, systemAttrs });

      it.each([
        ['has ended', { pid: 3, processStart: 'start of 3' }],
        ['has given its number to another process', { pid: 4, processStart: 'long before' }],
      ])('puts back the trial of a process of this host that %s', async (_, owner) => {
        const { trialId } = await storage.createTrial(studyId, running(ownedBy(owner), Date.now()));
        await storage.setTrialParam(trialId, 'x', 0.5, float);
        const requeued = await storage.requeueOrphanedTrials(studyId);
        expect(requeued).toEqual([await storage.getTrial(trialId)]);
        expect(requeued[0]).toMatchObject({
          state: 'waiting',
          params: {},
          systemAttrs: { [FIXED_PARAMS]: { x: 0.5 } },
        });
        expect(await storage.requeueOrphanedTrials(studyId)).toEqual([]);
      });

      it.each([
        ['this process', ownedBy(hostOfTests.owner)],
        ['a living process of this host', ownedBy({ pid: 2 })],
        ['a living process whose start was not recorded', ownedBy({ pid: 4, processStart: '' })],
        ['nobody in particular, as Optuna runs them', {}],
        ['something that is no owner', { [OWNER]: 'me' }],
      ])('leaves alone a trial run by %s', async (_, systemAttrs) => {
        const trial = await storage.createTrial(studyId, running(systemAttrs));
        expect(await storage.requeueOrphanedTrials(studyId)).toEqual([]);
        expect(await storage.getTrial(trial.trialId)).toEqual(trial);
      });

      it('goes by heartbeats where the process is on another host', async () => {
        const elsewhere = ownedBy({ host: 'there' });
        const silent = await storage.createTrial(studyId, running(elsewhere));
        const beating = await storage.createTrial(studyId, running(elsewhere));
        const started = await storage.createTrial(studyId, running(elsewhere, Date.now()));
        await storage.recordHeartbeat(beating.trialId);
        const requeued = await storage.requeueOrphanedTrials(studyId);
        expect(requeued.map((trial) => trial.number)).toEqual([silent.number]);
        expect(await storage.countTrials(studyId, ['running'])).toBe(2);
        expect((await storage.getTrial(started.trialId)).state).toBe('running');
      });
    });

    it('refuses every call after having been closed', async () => {
      const trial = await storage.createTrial(studyId);
      const { trialId } = trial;
      await storage.close();
      await storage.close();
      for (const call of [
        () => storage.createStudy(['minimize']),
        () => storage.deleteStudy(studyId),
        () => storage.renameStudy(studyId, 'name'),
        () => storage.getStudyId('study'),
        () => storage.getStudy(studyId),
        () => storage.getStudies(),
        () => storage.setStudyUserAttr(studyId, 'a', 1),
        () => storage.setStudySystemAttr(studyId, 'a', 1),
        () => storage.createTrial(studyId),
        () => storage.setTrialParam(trialId, 'x', 0, float),
        () => storage.setTrialIntermediateValue(trialId, 0, 0),
        () => storage.setTrialUserAttr(trialId, 'a', 1),
        () => storage.setTrialSystemAttr(trialId, 'a', 1),
        () => storage.finishTrial(trialId, 'fail', null),
        () => storage.claimWaitingTrial(studyId),
        () => storage.requeueTrial(trialId, null),
        () => storage.requeueOrphanedTrials(studyId),
        () => storage.recordHeartbeat(trialId),
        () => storage.deleteTrial(trialId),
        () => storage.restoreTrial(studyId, trial),
        () => storage.getTrial(trialId),
        () => storage.getTrialByNumber(studyId, 0),
        () => storage.getTrials(studyId),
        () => storage.countTrials(studyId),
        () => storage.getTrialChanges(studyId, 0),
      ])
        await expect(call()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
    });
  });
}
