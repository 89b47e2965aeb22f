/** Several real processes on one journal, real Optuna among them. */
import { fork } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage } from '../../../../src-main/open-storage.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../../src-main/tuner/distributions.ts';
import type { Storage } from '../../../../src-main/tuner/storages/storage.ts';
import { FIXED_PARAMS, OWNER } from '../../../../src-main/tuner/system-attrs.ts';
import { template } from '../../../conformance/storage.ts';
import { requirements } from '../../../helpers/requirements.ts';
import {
  dumpStorage,
  dumpWithOptuna,
  normalize,
  runOptuna,
  startOptuna,
  type DumpedStudy,
} from '../optuna/optuna-file.ts';
import { createFolder } from '../sqlite-file.ts';
import type { Report, Request } from '../storage-process.ts';

const script = fileURLToPath(new URL('../storage-process.ts', import.meta.url));
let folder: ReturnType<typeof createFolder>;
let file: string;
let storage: Storage;

beforeEach(async () => {
  folder = createFolder();
  file = join(folder.path, 'study.log');
  storage = await openStorage(file, { create: true });
});

afterEach(async () => {
  await storage.close();
  folder.remove();
});

/** Runs trials in a process of its own. @returns Their numbers. */
function runTrials(nTrials: number): Promise<number[]> {
  const child = fork(script, [file], { execPath: process.execPath, execArgv: [] });
  return new Promise<number[]>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error('The process has ended.')));
    child.on('message', (report: Report) => {
      if (report.type === 'ready') child.send({ type: 'run', nTrials } satisfies Request);
      else if (report.type === 'ran') resolve(report.trialNumbers);
      else if (report.type === 'failed') reject(new Error(report.message));
    });
  }).finally(() => child.kill());
}

async function enqueue(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await storage.createTrial(1, template({ state: 'waiting' }));
}

async function expectAllRunOnce(nTrials: number): Promise<void> {
  const trials = await storage.getTrials(1);
  expect(trials.map((trial) => trial.number)).toEqual([...Array(nTrials).keys()]);
  for (const trial of trials) {
    expect(trial.state).toBe('complete');
    expect(Object.keys(trial.userAttrs)).toHaveLength(1);
  }
  expect(readdirSync(folder.path)).toEqual(['study.log']);
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) JSON.parse(text);
}

describe('processes that share a journal', () => {
  it('number trials without gaps or doubles, and run none twice', async () => {
    await storage.createStudy(['minimize'], 'study');
    await enqueue(20);
    const ran = await Promise.all([runTrials(60), runTrials(60)]);
    expect(ran.flat().sort((a, b) => a - b)).toEqual([...Array(120).keys()]);
    await expectAllRunOnce(120);
  });
});

const needs = requirements('python-optuna');
describe.skipIf(needs.missing)(needs.title('Optuna and Parzen on one journal'), () => {
  /** As Optuna tells it, with our ids. */
  function seenByOptuna(): DumpedStudy[] {
    return normalize(dumpWithOptuna(file)).map((study) => ({
      ...study,
      trials: study.trials.map((trial) => ({ ...trial, trialId: trial.trialId + 1 })),
    }));
  }

  it('reads what Optuna wrote', async () => {
    runOptuna(['make', file]);
    const seen = await dumpStorage(storage);
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(seenByOptuna());
  });

  it('writes what Optuna reads', async () => {
    const studyId = await storage.createStudy(['minimize', 'maximize'], 'Schwierig 難 🎯 "\\');
    await storage.setStudyUserAttr(studyId, 'nested', { list: [1, 2.5, null, NaN], text: 'ü\n"' });
    await storage.setStudySystemAttr(studyId, 'study:metric_names', ['loss', 'accuracy']);
    const { trialId } = await storage.createTrial(studyId);
    const log = createFloatDistribution(1e-5, 1e-1, { log: true });
    const step = createFloatDistribution(0, 1, { step: 0.25 });
    const choices = createCategoricalDistribution(['adam', null, true, 0.5, 'é']);
    await storage.setTrialParam(trialId, 'lr', 1e-5, log);
    await storage.setTrialParam(trialId, 'momentum', 1, step);
    await storage.setTrialParam(
      trialId,
      'units',
      1024,
      createIntDistribution(1, 1024, { log: true }),
    );
    await storage.setTrialParam(trialId, 'optimizer', 4, choices);
    for (const [at, value] of [
      [5, NaN],
      [1, -Infinity],
      [2, 0.1 + 0.2],
    ] as const)
      await storage.setTrialIntermediateValue(trialId, at, value);
    await storage.setTrialUserAttr(trialId, 'infinite', -Infinity);
    await storage.setTrialSystemAttr(trialId, 'constraints', [0.5, Infinity]);
    await storage.finishTrial(trialId, 'complete', [Infinity, 1e300]);
    const other = await storage.createStudy(['maximize'], 'one objective');
    await storage.createTrial(
      other,
      template({
        state: 'pruned',
        values: [1],
        startedAtMs: 1_700_000_000_000.123,
        completedAtMs: 1_700_000_001_000.999,
        params: { momentum: 0.25 },
        distributions: { momentum: step },
        intermediateValues: new Map([
          [0, 1e-7],
          [7, NaN],
        ]),
        userAttrs: { a: [] },
      }),
    );
    await storage.createTrial(
      other,
      template({ state: 'waiting', systemAttrs: { [FIXED_PARAMS]: { x: 1 } } }),
    );
    expect(await storage.claimWaitingTrial(other)).toMatchObject({ number: 1 });
    await storage.createTrial(other);
    await storage.deleteStudy(await storage.createStudy(['minimize'], 'gone'));
    expect(seenByOptuna()).toEqual(await dumpStorage(storage));
  });

  it('runs each trial once when both take from the queue and make new ones', async () => {
    await storage.createStudy(['minimize'], 'study');
    await enqueue(40);
    await Promise.all([runTrials(70), runTrials(30), startOptuna(['continue', file, '40'])]);
    await expectAllRunOnce(140);
    const trials = await storage.getTrials(1);
    expect(trials.filter((trial) => trial.userAttrs['by'] === 'optuna')).toHaveLength(40);
    expect(seenByOptuna()).toEqual(await dumpStorage(storage));
  });

  it('stays in step with Optuna over what only Parzen can do', async () => {
    const studyId = await storage.createStudy(['minimize'], 'first name');
    const doomed = await storage.createTrial(studyId, template({ state: 'waiting' }));
    await storage.deleteTrial(doomed.trialId);
    const back = await storage.createTrial(studyId);
    await storage.setTrialParam(back.trialId, 'x', 0.5, createFloatDistribution(-1, 1));
    await storage.recordHeartbeat(back.trialId);
    await storage.requeueTrial(back.trialId, (back.systemAttrs[OWNER] as { id: string }).id);
    await storage.renameStudy(studyId, 'second name');
    await storage.createStudy(['maximize'], 'first name');
    const [study, other] = seenByOptuna();
    expect(study?.studyName).toBe('first name');
    expect(study?.trials).toMatchObject([
      { state: 'fail' },
      { state: 'waiting', systemAttrs: { [FIXED_PARAMS]: { x: 0.5 }, [OWNER]: null } },
    ]);
    expect(other?.directions).toEqual(['maximize']);
    runOptuna(['continue', file, '2']);
    expect(await storage.getTrials(studyId)).toMatchObject([
      { number: 1, trialId: back.trialId, state: 'complete', values: [0.25], params: { x: 0.5 } },
      { number: 2, state: 'complete', userAttrs: { by: 'optuna' } },
    ]);
    expect((await storage.getStudies()).map((one) => one.studyName)).toEqual([
      'second name',
      'first name',
    ]);
  });
});
