/** What is particular to journals; `conformance.test.ts` has the rest. */
import {
  appendFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeJournalFile, type NodeJournalFileOptions } from '../../../../src-main/journal-file.ts';
import { openStorage } from '../../../../src-main/open-storage.ts';
import { createFloatDistribution } from '../../../../src-main/tuner/distributions.ts';
import { setLogger } from '../../../../src-main/tuner/logger.ts';
import type { JournalFile } from '../../../../src-main/tuner/storages/journal/journal-file.ts';
import { JournalStorage } from '../../../../src-main/tuner/storages/journal/journal-storage.ts';
import { parseJournalTime } from '../../../../src-main/tuner/storages/journal/operations.ts';
import { hostOfTests, template } from '../../../conformance/storage.ts';
import { createFolder } from '../sqlite-file.ts';

let folder: ReturnType<typeof createFolder>;
let file: string;
let lock: string;

beforeEach(() => {
  folder = createFolder();
  file = join(folder.path, 'study.log');
  lock = `${file}.lock`;
  writeFileSync(file, '');
});

afterEach(() => {
  setLogger(null);
  folder.remove();
});

function open(options: Partial<NodeJournalFileOptions> = {}): JournalStorage {
  return new JournalStorage({
    file: new NodeJournalFile({ file, ...options }),
    processInfo: hostOfTests,
  });
}

const line = (fields: object): string => `${JSON.stringify({ worker_id: 'other', ...fields })}\n`;
const newStudy = (studyName: string): string =>
  line({ op_code: 0, study_name: studyName, directions: [1] });

describe('openStorage', () => {
  it.each(['study.log', 'study.journal', 'journal:a study'])(
    'makes the journal %s',
    async (name) => {
      const path = join(folder.path, name.replace('journal:', ''));
      const url = name.startsWith('journal:') ? `journal:${path}` : path;
      rmSync(path, { force: true });
      await expect(openStorage(url)).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
      const storage = await openStorage(url, { create: true });
      await storage.createStudy(['maximize'], 'study');
      await storage.close();
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
        op_code: 0,
        study_name: 'study',
        directions: [2],
      });
      const again = await openStorage(url, { create: true });
      expect(await again.getStudies()).toHaveLength(1);
      await again.close();
    },
  );

  it('knows a journal of any name by what is in it', async () => {
    const path = join(folder.path, 'study');
    writeFileSync(path, newStudy('study'));
    const storage = await openStorage(path);
    expect(await storage.getStudyId('study')).toBe(1);
    await storage.close();
    await expect(openStorage(`sqlite:///${path}`)).rejects.toMatchObject({
      code: 'STORAGE_NOT_A_DATABASE',
    });
  });

  it('only looks at what is opened read-only', async () => {
    writeFileSync(file, newStudy('study'));
    const storage = await openStorage(file, { readOnly: true });
    expect(await storage.getStudyId('study')).toBe(1);
    await expect(storage.createTrial(1)).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' });
    expect(readFileSync(file, 'utf8')).toBe(newStudy('study'));
    await storage.close();
  });

  it.each(['hello\n', '{"message": "started"}\n', '[]\n'])(
    'refuses a log of something else: %j',
    async (text) => {
      writeFileSync(file, text);
      await expect(openStorage(file)).rejects.toMatchObject({ code: 'STORAGE_NOT_OPTUNA' });
    },
  );

  it.each(['journal:', 'journal://host/study.log', 'redis://host'])('refuses %s', async (url) => {
    await expect(openStorage(url)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('reading', () => {
  it('reads only what was added', async () => {
    const journal = new NodeJournalFile({ file });
    let nBytes = 0;
    const counting: JournalFile = {
      read(offset, maxBytes) {
        const bytes = journal.read(offset, maxBytes);
        nBytes += bytes.length;
        return bytes;
      },
      runLocked: (work) => journal.runLocked(work),
      close: () => journal.close(),
    };
    writeFileSync(file, newStudy('study'));
    for (let i = 0; i < 100; i++)
      appendFileSync(file, line({ op_code: 4, study_id: 0, datetime_start: null }));
    const storage = new JournalStorage({ file: counting, processInfo: hostOfTests });
    expect(nBytes).toBe(readFileSync(file).length);
    appendFileSync(file, line({ op_code: 8, trial_id: 0, user_attr: { a: 1 } }));
    expect((await storage.getTrial(1)).userAttrs).toEqual({ a: 1 });
    await storage.setTrialUserAttr(1, 'b', 2);
    expect(nBytes).toBe(readFileSync(file).length);
  });

  it('reads lines that are longer than what it reads at once', async () => {
    const writer = open();
    const reader = open();
    const studyId = await writer.createStudy(['minimize'], 'study');
    const long = 'x'.repeat(9 << 20);
    await writer.setStudyUserAttr(studyId, 'long', long);
    await writer.setStudyUserAttr(studyId, 'short', 1);
    expect((await reader.getStudy(studyId)).userAttrs).toEqual({ long, short: 1 });
  });

  it('leaves a line alone that is being written, and cuts it off when its writer is gone', async () => {
    writeFileSync(file, newStudy('study'));
    const storage = open();
    const half = newStudy('half').slice(0, 30);
    appendFileSync(file, half);
    expect(await storage.getStudies()).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe(newStudy('study') + half);
    expect((await storage.createTrial(1)).number).toBe(0);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((text) => (JSON.parse(text) as { op_code: number }).op_code)).toEqual([0, 4]);
  });

  it('names the line it cannot read, and an operation that is not known', async () => {
    writeFileSync(file, newStudy('study'));
    const storage = open();
    appendFileSync(file, 'nonsense\n');
    for (let i = 0; i < 2; i++)
      await expect(storage.getStudies()).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringContaining('line 2'),
      });
    writeFileSync(file, newStudy('study') + line({ op_code: 10 }));
    expect(await open().getStudies()).toHaveLength(1);
    appendFileSync(file, line({ op_code: 11 }));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'STORAGE_TOO_NEW' }));
  });

  it('notices that the file was moved, replaced or shortened', async () => {
    writeFileSync(file, newStudy('study') + newStudy('other'));
    const storage = open();
    writeFileSync(file, newStudy('study'));
    await expect(storage.getStudies()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    renameSync(file, `${file}.old`);
    await expect(storage.getStudies()).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    await expect(storage.createStudy(['minimize'])).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
    writeFileSync(file, readFileSync(`${file}.old`));
    await expect(storage.getStudies()).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    expect(existsSync(lock)).toBe(false);
  });

  it('does not count lines that others wrote too late', async () => {
    const unit = {
      name: 'FloatDistribution',
      attributes: { step: null, low: 0, high: 1, log: false },
    };
    const int = { name: 'IntDistribution', attributes: { log: false, step: 1, low: 0, high: 1 } };
    const param = (trialId: number, name: string, distribution: object): string =>
      line({
        op_code: 5,
        trial_id: trialId,
        param_name: name,
        param_value_internal: 1,
        distribution: JSON.stringify(distribution),
      });
    const end = (state: number, values: number[] | null): string =>
      line({
        op_code: 6,
        trial_id: 0,
        state,
        values,
        datetime_start: '2026-01-02T03:04:05.000006+00:00',
        datetime_complete: '2026-01-02T03:04:06.000006+00:00',
      });
    writeFileSync(
      file,
      [
        newStudy('study'),
        newStudy('study'),
        line({ op_code: 4, study_id: 0, datetime_start: null, state: 4 }),
        line({ op_code: 4, study_id: 7, datetime_start: null }),
        line({ op_code: 4, study_id: 0, datetime_start: null }),
        end(0, null),
        end(0, null),
        param(0, 'x', unit),
        param(1, 'x', int),
        end(1, [0.5]),
        end(3, null),
        line({ op_code: 7, trial_id: 0, step: 1, intermediate_value: 1 }),
        line({ op_code: 8, trial_id: 0, user_attr: { late: true } }),
        line({ op_code: 1, study_id: 5 }),
        newStudy('next'),
      ].join(''),
    );
    const storage = open();
    expect((await storage.getStudies()).map((study) => [study.studyId, study.studyName])).toEqual([
      [1, 'study'],
      [2, 'next'],
    ]);
    expect(await storage.getTrials(1)).toMatchObject([
      {
        trialId: 1,
        state: 'complete',
        values: [0.5],
        params: { x: 1 },
        userAttrs: {},
        startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) + 0.006,
      },
      { trialId: 2, number: 1, state: 'running', params: {} },
    ]);
    expect((await storage.getTrial(1)).intermediateValues.size).toBe(0);
  });
});

describe('parseJournalTime', () => {
  it.each([
    ['2026-01-02T03:04:05.000006+00:00', Date.UTC(2026, 0, 2, 3, 4, 5) + 0.006],
    ['2026-01-02T03:04:05.5Z', Date.UTC(2026, 0, 2, 3, 4, 5, 500)],
    ['2026-01-02T03:04:05+05:30', Date.UTC(2026, 0, 1, 21, 34, 5)],
    ['2026-01-01T21:04:05-0130', Date.UTC(2026, 0, 1, 22, 34, 5)],
  ])('reads %s', (text, ms) => {
    expect(parseJournalTime(text, 'local')).toBe(ms);
  });

  it('takes a time without an offset as it is told', () => {
    const text = '2026-07-02T03:04:05.25';
    expect(parseJournalTime(text, 'utc')).toBe(Date.UTC(2026, 6, 2, 3, 4, 5, 250));
    expect(parseJournalTime(text, 'local')).toBe(new Date(2026, 6, 2, 3, 4, 5, 250).getTime());
    expect(parseJournalTime(null, 'utc')).toBeNull();
  });
});

describe('names', () => {
  it('gives the first name of a renamed study to another, without confusing Optuna', async () => {
    const storage = open();
    const first = await storage.createStudy(['minimize'], 'a');
    await storage.renameStudy(first, 'b');
    const second = await storage.createStudy(['maximize'], 'a');
    const names = async (): Promise<string[]> =>
      (await open().getStudies()).map((study) => study.studyName);
    expect(await names()).toEqual(['b', 'a']);
    const stored = readFileSync(file, 'utf8').match(/(?<="study_name": ")[^"]*/g);
    expect(new Set(stored).size).toBe(2);
    // Optuna makes a study of its own with a name that only Parzen knows to be taken.
    appendFileSync(file, newStudy('b'));
    expect(await names()).toEqual(['a', stored?.[1], 'b']);
    expect(await storage.getStudyId('b')).toBe(3);
    await storage.renameStudy(first, 'c');
    await storage.renameStudy(second, 'a');
    expect(await names()).toEqual(['c', 'a', 'b']);
  });
});

describe('a heartbeat', () => {
  it('is stored, but is no change of the trial', async () => {
    const storage = open();
    await storage.createStudy(['minimize'], 'study');
    const trial = await storage.createTrial(1);
    await storage.recordHeartbeat(trial.trialId);
    expect(await storage.getTrial(trial.trialId)).toBe(trial);
    expect(readFileSync(file, 'utf8')).toContain('parzen:heartbeat');
  });
});

describe('a trial that was put back', () => {
  const unit = createFloatDistribution(0, 1);

  async function putBack(): Promise<JournalStorage> {
    const storage = open();
    await storage.createStudy(['minimize'], 'study');
    const { trialId } = await storage.createTrial(1);
    await storage.setTrialParam(trialId, 'x', 0.5, unit);
    await storage.setTrialIntermediateValue(trialId, 0, 1);
    await storage.requeueTrial(trialId, hostOfTests.owner.id);
    await storage.setTrialParam(trialId, 'y', 0.25, unit);
    return storage;
  }

  it('has what it got while it waited when Parzen takes it', async () => {
    const storage = await putBack();
    const trial = await storage.claimWaitingTrial(1);
    expect(trial?.params).toEqual({ y: 0.25 });
    expect(trial?.intermediateValues.size).toBe(0);
    expect(await open().getTrial(1)).toEqual(trial);
  });

  it('has all it ever had when Optuna takes it, which does not write it again', async () => {
    const storage = await putBack();
    await storage.claimWaitingTrial(1);
    await storage.setTrialParam(1, 'z', 1, unit);
    await storage.requeueTrial(1, hostOfTests.owner.id);
    appendFileSync(
      file,
      line({
        op_code: 6,
        trial_id: 0,
        state: 0,
        values: null,
        datetime_start: '2026-01-02T03:04:05+00:00',
      }),
    );
    const trial = await storage.getTrial(1);
    expect(trial).toMatchObject({ state: 'running', params: { x: 0.5, y: 0.25, z: 1 } });
    expect([...trial.intermediateValues]).toEqual([[0, 1]]);
  });
});

describe('a deleted trial', () => {
  it('is no longer waiting for others either', async () => {
    const storage = open();
    await storage.createStudy(['minimize'], 'study');
    const { trialId } = await storage.createTrial(1, template({ state: 'waiting' }));
    await storage.deleteTrial(trialId);
    const [, , deleted, failed] = readFileSync(file, 'utf8').split('\n');
    expect(JSON.parse(failed as string)).toMatchObject({ op_code: 6, trial_id: 0, state: 3 });
    expect(JSON.parse(deleted as string)).toMatchObject({
      op_code: 9,
      system_attr: { 'parzen:deleted': true },
    });
  });
});

describe('the lock', () => {
  const locks = ['symlink', 'open'] as const;

  it.each(locks)('is there while a line is written, and gone afterwards (%s)', async (kind) => {
    const journal = new NodeJournalFile({ file, lock: kind });
    const isLink = await journal.runLocked(() => lstatSync(lock).isSymbolicLink());
    expect(isLink).toBe(kind === 'symlink');
    await expect(
      journal.runLocked(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(readdirSync(folder.path)).toEqual(['study.log']);
  });

  it.each(locks)(
    'of either kind keeps a writer waiting that uses the other than %s',
    async (kind) => {
      if (kind === 'open') symlinkSync(file, lock);
      else writeFileSync(lock, '');
      const storage = open({ lock: kind });
      let isDone = false;
      const write = storage.createStudy(['minimize'], 'study').then(() => (isDone = true));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isDone).toBe(false);
      expect(readFileSync(file, 'utf8')).toBe('');
      rmSync(lock);
      await write;
      expect(await storage.getStudies()).toHaveLength(1);
    },
  );

  it('ends the waiting of one who does not want to wait any longer', async () => {
    symlinkSync(file, lock);
    await expect(open({ busyTimeoutMs: 30 }).createStudy(['minimize'])).rejects.toMatchObject({
      code: 'STORAGE_LOCKED',
      message: expect.stringContaining(lock),
    });
    expect(existsSync(lock)).toBe(true);
  });

  it.each([
    ['link', () => symlinkSync(file, lock)],
    ['link to nowhere', () => symlinkSync('study.log elsewhere', lock)],
    ['file', () => writeFileSync(lock, '')],
  ])('that was left behind is removed, being a %s', async (_, leave) => {
    leave();
    const warnings: string[] = [];
    setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
    await open({ graceMs: 60 }).createStudy(['minimize'], 'study');
    expect(warnings).toEqual([expect.stringContaining('left behind')]);
    expect(readdirSync(folder.path)).toEqual(['study.log']);
  });

  it('is not taken from another when ours was taken away', async () => {
    const warnings: string[] = [];
    setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
    const journal = new NodeJournalFile({ file });
    await journal.runLocked(() => {
      rmSync(lock);
      writeFileSync(`${lock}.other`, '');
      renameSync(`${lock}.other`, lock);
    });
    expect(lstatSync(lock).isFile()).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it('orders what storages of one process write at once', async () => {
    const storages = [open(), open(), open()];
    const [first] = storages as [JournalStorage];
    const studyId = await first.createStudy(['minimize'], 'study');
    const unit = createFloatDistribution(0, 1);
    const trials = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const storage = storages[i % 3] as JournalStorage;
        const trial = await storage.createTrial(studyId);
        await storage.setTrialParam(trial.trialId, 'x', 0.5, unit);
        return trial.number;
      }),
    );
    expect(trials.sort((a, b) => a - b)).toEqual([...Array(30).keys()]);
  });
});
