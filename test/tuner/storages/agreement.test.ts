/**
 * Any sequence of writes leaves all storages with the same contents: one in memory, and two connections to one SQLite file, or journal, that take
 * turns at random, so that each is told by the file what the other did.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { NodeJournalFile } from '../../../src-main/journal-file.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { JournalStorage } from '../../../src-main/tuner/storages/journal/journal-storage.ts';
import type { Storage } from '../../../src-main/tuner/storages/storage.ts';
import type { AttrValue, FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { hostOfTests, template } from '../../conformance/storage.ts';
import { createFolder, openFile } from './sqlite-file.ts';

const distributions = [
  createFloatDistribution(0, 1),
  createFloatDistribution(0, 2),
  createFloatDistribution(1e-3, 1, { log: true }),
  createIntDistribution(0, 10),
  createCategoricalDistribution(['a', 'b']),
  createCategoricalDistribution([1, null]),
];

const names = fc.constantFrom('x', 'ÿ', '__proto__', '1', 'toString');
const numbers = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double().map((value) => value + 0),
);
const attrValues = fc.oneof(
  numbers,
  fc.string(),
  fc.constant(null),
  fc.array(numbers),
) as fc.Arbitrary<AttrValue>;
const values = fc.option(
  fc.array(
    numbers.filter((value) => !Number.isNaN(value)),
    { minLength: 1, maxLength: 2 },
  ),
);
const finished = fc.constantFrom('complete', 'pruned', 'fail');
/** Which of the studies or trials made so far; taken modulo their number. */
const which = fc.nat({ max: 7 });

const writes = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('createStudy'),
      name: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('renameStudy'),
      study: which,
      name: fc.constantFrom('a', 'b', 'd'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deleteStudy'), study: which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('studyAttr'),
      study: which,
      key: names,
      value: attrValues,
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('createTrial'), study: which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('addTrial'),
      study: which,
      state: fc.constantFrom('waiting', 'running', 'complete', 'fail'),
      key: names,
      value: attrValues,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('param'),
      trial: which,
      name: names,
      distribution: fc.constantFrom(...distributions),
      fraction: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('report'),
      trial: which,
      step: fc.nat({ max: 9 }),
      value: numbers,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('userAttr'),
      trial: which,
      key: names,
      value: attrValues,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('systemAttr'),
      trial: which,
      key: names,
      value: attrValues,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('finish'), trial: which, state: finished, values }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('claim'), study: which }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('requeue'), trial: which, isOurs: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('deleteTrial'), trial: which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('restoreTrial'), trial: which }) },
);
type Write = typeof writes extends fc.Arbitrary<infer T> ? T : never;

/** One of the parties: a storage in memory, or the file with its two connections. Ids differ between them, the order of creation does not. */
class Party {
  readonly studyIds: number[] = [];
  readonly trialIds: number[] = [];
  /** Trials as they were when they were deleted, with their study. */
  readonly #deleted: { studyId: number; trial: FrozenTrial }[] = [];

  async apply(storage: Storage, write: Write): Promise<unknown> {
    const study = 'study' in write ? pick(this.studyIds, write.study) : 0;
    const trial = 'trial' in write ? pick(this.trialIds, write.trial) : 0;
    switch (write.type) {
      case 'createStudy': {
        this.studyIds.push(await storage.createStudy(['minimize'], write.name));
        return null;
      }
      case 'renameStudy':
        return storage.renameStudy(study, write.name);
      case 'deleteStudy':
        return storage.deleteStudy(study);
      case 'studyAttr':
        return storage.setStudyUserAttr(study, write.key, write.value);
      case 'createTrial':
        return this.#created(await storage.createTrial(study));
      case 'addTrial':
        return this.#created(
          await storage.createTrial(
            study,
            template({
              state: write.state as 'waiting',
              params: { [write.key]: 1 },
              distributions: { [write.key]: createFloatDistribution(0, 1) },
              userAttrs: { [write.key]: write.value },
            }),
          ),
        );
      case 'param':
        return storage.setTrialParam(trial, write.name, write.fraction, write.distribution);
      case 'report':
        return storage.setTrialIntermediateValue(trial, write.step, write.value);
      case 'userAttr':
        return storage.setTrialUserAttr(trial, write.key, write.value);
      case 'systemAttr':
        return storage.setTrialSystemAttr(trial, write.key, write.value);
      case 'finish':
        return storage.finishTrial(trial, write.state as 'complete', write.values);
      case 'claim': {
        const claimed = await storage.claimWaitingTrial(study);
        return claimed && withoutIdentity(claimed);
      }
      case 'requeue':
        return storage.requeueTrial(trial, write.isOurs ? hostOfTests.owner.id : null);
      case 'deleteTrial': {
        const before = await this.#find(storage, trial);
        await storage.deleteTrial(trial);
        if (before) this.#deleted.push(before);
        return null;
      }
      case 'restoreTrial': {
        const gone = this.#deleted[write.trial % Math.max(1, this.#deleted.length)];
        return gone && storage.restoreTrial(gone.studyId, gone.trial);
      }
    }
    return null;
  }

  async #find(
    storage: Storage,
    trialId: number,
  ): Promise<{ studyId: number; trial: FrozenTrial } | null> {
    for (const { studyId } of await storage.getStudies()) {
      const trial = (await storage.getTrials(studyId)).find((one) => one.trialId === trialId);
      if (trial) return { studyId, trial };
    }
    return null;
  }

  #created(trial: FrozenTrial): unknown {
    this.trialIds.push(trial.trialId);
    return withoutIdentity(trial);
  }
}

/** What one connection has been told through `getTrialChanges`. */
class Mirror {
  readonly #storage: Storage;
  readonly #studies = new Map<number, { revision: number; trials: Map<number, FrozenTrial> }>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async contents(): Promise<unknown> {
    const contents: unknown[] = [];
    for (const { studyId, studyName, userAttrs } of await this.#storage.getStudies()) {
      const known = this.#studies.get(studyId) ?? { revision: 0, trials: new Map() };
      const changes = await this.#storage.getTrialChanges(studyId, known.revision);
      for (const id of changes.deletedTrialIds) known.trials.delete(id);
      for (const trial of changes.trials) {
        expect(known.trials.get(trial.trialId)).not.toBe(trial);
        known.trials.set(trial.trialId, trial);
      }
      this.#studies.set(studyId, { revision: changes.revision, trials: known.trials });
      const trials = await this.#storage.getTrials(studyId);
      const mirrored = [...known.trials.values()].sort((a, b) => a.number - b.number);
      expect(mirrored.length).toBe(trials.length);
      mirrored.forEach((trial, i) => expect(trial).toBe(trials[i]));
      contents.push({ studyName, userAttrs, trials: trials.map(withoutIdentity) });
    }
    return contents.sort();
  }
}

function withoutIdentity({
  trialId: _,
  startedAtMs,
  completedAtMs,
  ...trial
}: FrozenTrial): unknown {
  return { ...trial, isStarted: startedAtMs !== null, isCompleted: completedAtMs !== null };
}

function pick(ids: readonly number[], index: number): number {
  return ids.length === 0 ? 1 : (ids[index % ids.length] as number);
}

async function outcome(work: Promise<unknown>): Promise<unknown> {
  try {
    return { result: await work };
  } catch (error) {
    return { code: (error as { code: string }).code };
  }
}

async function openJournal(file: string): Promise<Storage> {
  writeFileSync(file, '', { flag: 'a' });
  return new JournalStorage({ file: new NodeJournalFile({ file }), processInfo: hostOfTests });
}

async function openSqlite(file: string): Promise<Storage> {
  return (await openFile(file, { processInfo: hostOfTests })).storage;
}

describe('storages agree', () => {
  it.each([
    ['an SQLite file', openSqlite],
    ['a journal', openJournal],
  ])('after any sequence of writes to %s', async (_, open) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(writes, fc.nat({ max: 1 }), fc.nat({ max: 3 })), {
          minLength: 20,
          maxLength: 120,
        }),
        async (sequence) => {
          const folder = createFolder();
          const file = join(folder.path, 'study.db');
          const memory = new InMemoryStorage(hostOfTests);
          const first = await open(file);
          const second = await open(file);
          const files = [first, second] as const;
          const inMemory = new Party();
          const onFile = new Party();
          const mirrors = [memory, first, second].map((storage) => new Mirror(storage));
          try {
            for (const [write, connection, look] of sequence) {
              // Ids of a deleted study are safe only with those who have seen them.
              if (write.type === 'deleteStudy')
                for (const mirror of mirrors.slice(1)) await mirror.contents();
              const expected = await outcome(inMemory.apply(memory, write));
              const storage = files[connection] as Storage;
              expect([write, await outcome(onFile.apply(storage, write))]).toEqual([
                write,
                expected,
              ]);
              if (look > 1) continue;
              const contents = await mirrors[0]?.contents();
              expect(await mirrors[1 + look]?.contents()).toEqual(contents);
            }
            const contents = await mirrors[0]?.contents();
            for (const mirror of mirrors.slice(1))
              expect(await mirror.contents()).toEqual(contents);
            const late = await open(file);
            expect(await new Mirror(late).contents()).toEqual(contents);
            await late.close();
          } finally {
            for (const storage of files) await storage.close();
            folder.remove();
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
