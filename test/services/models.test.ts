import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type { ModelJob } from '../../src-main/contract/models.ts';
import type { Services } from '../../src-main/services/services.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';

const iris = loadSpec('iris');

/** A small study that has been run. */
async function finishedStudy(services: Services, spec: object = {}): Promise<StudyKey> {
  const { rows } = await loadDataset(iris);
  const key = await services.handlers['studies.create'](
    {
      spec: {
        ...iris.spec,
        data: {
          ...iris.spec.data,
          split: {
            rows: {
              train: [...rows.train],
              validation: [...rows.validation],
              test: [...rows.test],
            },
          },
        },
        pruner: { type: 'nop' },
        ...spec,
      },
      seed: 5,
    },
    call,
  );
  await services.runs.start(key, { targetTrials: 6 });
  await services.runs.ended(key);
  return key;
}

async function done(services: Services, started: Promise<ModelJob>): Promise<ModelJob> {
  const { key } = await started;
  await services.models.ended(key);
  return (await services.handlers['models.get']({ key }, call)).job as ModelJob;
}

describe('models', () => {
  it('shows the best network, what is kept, and how far its value can be trusted', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const overview = await services.handlers['models.get']({ key }, call);
    const { best } = await services.library.summary(key);
    expect(overview).toMatchObject({
      limit: 5,
      trialNumber: best!.trialNumber,
      nTestRows: 30,
      retrained: [],
      tests: [],
      repeated: null,
      job: null,
    });
    expect(overview.checkpoints).toHaveLength(5);
    expect(overview.checkpoints[0]).toMatchObject({
      trialNumber: best!.trialNumber,
      values: [best!.value],
    });
    const sizes = overview.checkpoints.map(({ sizeBytes }) => sizeBytes as number);
    expect(sizes.reduce((a, b) => a + b)).toBe(overview.sizeBytes);
    const trial = await services.library
      .storage(key.storageId)
      .getTrialByNumber(key.studyId, best!.trialNumber);
    expect(
      overview.network!.map(({ kind }) => kind).filter((kind) => kind === 'hidden'),
    ).toHaveLength(trial.params.n_layers as number);
    expect(overview.network!.reduce((sum, { nParameters }) => sum + nParameters, 0)).toBe(
      trial.userAttrs.n_parameters,
    );
    expect(overview.history!.valAccuracy).toHaveLength(trial.userAttrs.epochs as number);
    expect(Math.max(...overview.history!.valAccuracy!)).toBe(best!.value);
    expect(overview.noise).toMatchObject({ metric: 'accuracy', nRows: 30, step: 1 / 30 });
    expect(overview.noise!.tiedTrials).toContain(best!.trialNumber);
    expect(overview.noise!.interval!.low).toBeLessThan(best!.value);
  });

  it('trains the best parameters again with several seeds, and tests them once', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await finishedStudy(services);
    const retrained = await done(
      services,
      services.handlers['models.retrain']({ key, nSeeds: 3 }, call),
    );
    expect(retrained).toMatchObject({ kind: 'retrain', state: 'done', nDone: 3, nTotal: 3 });
    const overview = await services.handlers['models.get']({ key }, call);
    const [model] = overview.retrained;
    expect(model).toMatchObject({ rows: 'train', trialNumber: overview.trialNumber });
    const values = model!.members.map(({ value }) => value as number);
    expect(new Set(model!.members.map(({ hash }) => hash)).size).toBe(3);
    expect(model!.mean).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 12);

    const choice = { type: 'retrained', id: model!.id } as const;
    const test = await services.handlers['models.test']({ key, choice }, call);
    expect(test).toMatchObject({ look: 0, nRows: 30, regression: null });
    expect(test.classification!.accuracy).toBeGreaterThan(0.85);
    expect(test.memberScores).toHaveLength(3);
    expect(test.importance.map(({ column }) => column).sort()).toEqual(
      (await loadDataset(iris)).encodings.map(({ column }) => column).sort(),
    );
    // Of iris everybody knows: petals tell the species.
    expect(test.importance[0]!.column).toMatch(/petal/);

    await expect(services.handlers['models.test']({ key, choice }, call)).rejects.toMatchObject({
      code: 'SECOND_LOOK',
    });
    const ensemble = { type: 'ensemble', size: 3 } as const;
    const second = await services.handlers['models.test'](
      { key, choice: ensemble, confirmSecondLook: true },
      call,
    );
    expect(second).toMatchObject({ look: 1, choice: ensemble });
    await services.close();

    // All of it is with the study.
    const again = await startServices(folder);
    const kept = await again.handlers['models.get']({ key }, call);
    expect(kept.tests.map(({ look }) => look)).toEqual([1, 0]);
    expect(kept.tests[1]).toEqual(test);
    expect(kept.retrained).toEqual(overview.retrained);
    await expect(again.handlers['models.test']({ key, choice }, call)).rejects.toThrow(
      /2 times already/,
    );
  });

  it('trains on the validation rows too, as long as was best in the search', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    await done(
      services,
      services.handlers['models.retrain']({ key, nSeeds: 2, rows: 'trainAndValidation' }, call),
    );
    const { retrained, trialNumber } = await services.handlers['models.get']({ key }, call);
    const { userAttrs } = await services.library
      .storage(key.storageId)
      .getTrialByNumber(key.studyId, trialNumber!);
    const nEpochs = (userAttrs.best_epoch as number) + 1;
    expect(retrained[0]).toMatchObject({
      rows: 'trainAndValidation',
      mean: null,
      members: [
        { nEpochs, value: null },
        { nEpochs, value: null },
      ],
    });
  });

  it('lists no networks that could not be written', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await finishedStudy(services);
    const models = join(folder, 'studies.db.models');
    rmSync(models, { recursive: true });
    writeFileSync(models, 'in the way');
    const job = await done(services, services.handlers['models.retrain']({ key, nSeeds: 1 }, call));
    expect(job).toMatchObject({ state: 'failed' });
    const { retrained } = await services.handlers['models.get']({ key }, call);
    expect(retrained).toEqual([]);
  });

  it('runs the best trials again and ranks them by their means', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const job = await done(
      services,
      services.handlers['models.repeat']({ key, nTrials: 2, nSeeds: 3 }, call),
    );
    expect(job).toMatchObject({ kind: 'repeat', state: 'done', nTotal: 6 });
    const { repeated } = await services.handlers['models.get']({ key }, call);
    expect(repeated!.trials).toHaveLength(2);
    const means = repeated!.trials.map(({ mean }) => mean);
    expect(means).toEqual([...means].sort((a, b) => b - a));
    for (const { values, mean, deviation } of repeated!.trials) {
      expect(values).toHaveLength(3);
      expect(mean).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 12);
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(deviation).toBeCloseTo(Math.sqrt(squares / 2), 12);
    }
  });

  it('can be cancelled, and does one thing at a time', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const before = await services.handlers['models.get']({ key }, call);
    const started = services.handlers['models.repeat']({ key, nTrials: 5, nSeeds: 50 }, call);
    await started;
    await expect(services.handlers['models.retrain']({ key }, call)).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
    });
    await services.handlers['models.cancel']({ key }, call);
    expect(await done(services, started)).toMatchObject({ state: 'cancelled', error: null });
    expect(await services.handlers['models.get']({ key }, call)).toMatchObject({
      repeated: null,
      checkpoints: before.checkpoints,
    });
  });

  it('keeps the file where it is while networks are trained for it', async () => {
    const services = await startServices();
    const path = join(temporaryFolder(), 'other.db');
    await services.library.open(path, { create: true });
    const key = await services.handlers['studies.create']({ spec: 'iris', storageId: path }, call);
    await services.runs.start(key, { targetTrials: 2 });
    await services.runs.ended(key);
    await services.handlers['models.repeat']({ key, nTrials: 1, nSeeds: 20 }, call);
    const close = () => services.handlers['library.closeFile']({ storageId: path }, call);
    await expect(close()).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
    await services.handlers['models.cancel']({ key }, call);
    await services.models.ended(key);
    await close();
    expect(services.library.files()).toHaveLength(1);
  });

  it('deletes a study’s networks when told to', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await finishedStudy(services);
    await done(services, services.handlers['models.retrain']({ key, nSeeds: 2 }, call));
    expect(readdirSync(join(folder, 'studies.db.models'))).toHaveLength(7);
    expect(await services.handlers['models.clean']({ key }, call)).toMatchObject({ nFiles: 0 });
    expect(await services.handlers['models.clean']({ key, all: true }, call)).toMatchObject({
      nFiles: 7,
    });
    const overview = await services.handlers['models.get']({ key }, call);
    expect(overview).toMatchObject({ sizeBytes: 0, retrained: [], network: null });
    expect(overview.checkpoints[0]).toMatchObject({ sizeBytes: null });
    await expect(
      services.handlers['models.test'](
        { key, choice: { type: 'trial', trialNumber: overview.checkpoints[0]!.trialNumber } },
        call,
      ),
    ).rejects.toMatchObject({ code: 'INVALID_MODEL_FILE' });
  });

  it('tests networks of regression studies with several numbers', async () => {
    const services = await startServices();
    const { spec } = loadSpec('diabetes');
    const key = await services.handlers['studies.create']({ spec: { ...spec }, seed: 1 }, call);
    await services.runs.start(key, { targetTrials: 3 });
    await services.runs.ended(key);
    const { checkpoints } = await services.handlers['models.get']({ key }, call);
    const result = await services.handlers['models.test'](
      { key, choice: { type: 'trial', trialNumber: checkpoints[0]!.trialNumber } },
      call,
    );
    const [report] = result.regression!;
    expect(report).toMatchObject({ target: 'progression', nRows: 88 });
    expect(report!.r2).toBeCloseTo(result.memberScores[0]!, 6);
    expect(report!.actual.every((it) => Math.abs(it - Math.round(it)) < 1e-3)).toBe(true);
    expect(report!.intervals.r2.low).toBeLessThan(report!.r2);
  });

  it('trains on all rows as long as one fold lasted, not as all of them together', async () => {
    const services = await startServices();
    const key = await finishedStudy(services, {
      data: { ...iris.spec.data, split: { folds: 3, test: 0.2 } },
      objective: { metric: 'loss', direction: 'minimize', value: 'last' },
      training: { ...iris.spec.training, epochs: 4, earlyStopping: undefined },
    });
    const rows = 'trainAndValidation';
    await done(services, services.handlers['models.retrain']({ key, rows, nSeeds: 1 }, call));
    const { retrained } = await services.handlers['models.get']({ key }, call);
    expect(retrained[0]!.members.map(({ nEpochs }) => nEpochs)).toEqual([4]);
  });

  it('finds what columns are worth in a table that is ordered by its classes, and knows it again', async () => {
    const services = await startServices();
    const table = join(temporaryFolder(), 'ordered.csv');
    const write = (shift: number): void => {
      const rows = Array.from({ length: 3000 }, (_, i) =>
        i < 1500 ? `${-1 - shift - (i % 7) / 7},no` : `${1 + shift + (i % 7) / 7},yes`,
      );
      writeFileSync(table, ['x,answer', ...rows, ''].join('\n'));
    };
    write(0);
    const { format: _, ...data } = iris.spec.data;
    const key = await services.handlers['studies.create'](
      {
        spec: {
          ...iris.spec,
          data: {
            ...data,
            table,
            target: 'answer',
            split: { fractions: { train: 0.2, validation: 0.2, test: 0.6 } },
          },
        },
        seed: 1,
      },
      call,
    );
    await services.runs.start(key, { targetTrials: 2 });
    await services.runs.ended(key);
    const choice = await services.models.defaultChoice(key);
    const { importance, classification } = await services.handlers['models.test'](
      { key, choice },
      call,
    );
    expect(classification!.accuracy).toBeGreaterThan(0.95);
    expect(importance[0]!.drop).toBeGreaterThan(0.35);

    write(1);
    await services.runs.start(key, { targetTrials: 3, acceptChangedData: true });
    await services.runs.ended(key);
    await expect(
      services.handlers['models.test']({ key, choice, confirmSecondLook: true }, call),
    ).rejects.toThrow(/another table/);
  });

  it('predicts new tables and tells what is not as in training', async () => {
    const services = await startServices();
    const { spec } = loadSpec('diabetes');
    const key = await services.handlers['studies.create']({ spec: { ...spec }, seed: 1 }, call);
    await services.runs.start(key, { targetTrials: 2 });
    await services.runs.ended(key);
    const { checkpoints } = await services.handlers['models.get']({ key }, call);
    const choice = { type: 'ensemble', size: checkpoints.length } as const;
    const header = 'note,age,sex,bmi,bp,s1,s2,s3,s4,s5,s6';
    const csv = `${header}\nx,59,2,32.1,101,157,93.2,38,4,4.8598,87\ny,48,9,21.6,87,183,103.2,70,3,3.8918,69\n`;
    const table = { name: 'new.csv', content: new TextEncoder().encode(csv) };
    const predicted = await services.handlers['models.predict']({ key, choice, table }, call);
    expect(predicted).toMatchObject({ nRows: 2, columns: ['row', 'predicted_progression'] });
    expect(predicted.notes).toEqual([
      'Column "sex": "9" is unknown from training and counts as none of the known categories.',
    ]);
    expect(predicted.csv.split('\n')).toHaveLength(4);
    for (const [, value] of predicted.rows) expect(value).toBeGreaterThan(0);
    const wrong = { name: 'wrong.csv', content: new TextEncoder().encode('age,sex\n1,2\n') };
    await expect(
      services.handlers['models.predict']({ key, choice, table: wrong }, call),
    ).rejects.toThrow(/must have all columns that the network was trained with, but has no "bmi"/);

    const files = await services.handlers['models.export']({ key, choice, format: 'tfjs' }, call);
    expect(files.map(({ name }) => name)).toEqual(['model.json', 'weights.bin', 'inputs.json']);
  });

  it('says what a study without a spec, or without trials, lacks', async () => {
    const services = await startServices();
    const { storageId } = await services.handlers['library.openFile']({ path: ':memory:' }, call);
    const memory = await services.handlers['studies.create']({ spec: 'iris', storageId }, call);
    expect(await services.handlers['models.get']({ key: memory }, call)).toMatchObject({
      folder: null,
      checkpoints: [],
    });
    await expect(services.handlers['models.retrain']({ key: memory }, call)).rejects.toThrow(
      /no complete trial/,
    );
    expect(existsSync(':memory:.models')).toBe(false);
  });
});
