import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frozenTrial } from '../helpers/frozen-trial.ts';
import type { RegressionScore } from '../../src-main/contract/evaluation.ts';
import type { StudyKey } from '../../src-main/contract/library.ts';
import { seedsFor, type ModelJob } from '../../src-main/contract/models.ts';
import { retrainDefaults } from '../../src-main/services/model-training.ts';
import type { Services } from '../../src-main/services/services.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { leadingObjective } from '../../src-main/training/objectives-of.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { bestTrials } from '../../src-main/tuner/index.ts';
import type { AttrValue } from '../../src-main/tuner/trial/frozen-trial.ts';
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
    expect(overview.unreadable).toEqual([]);
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
    expect(overview.candidates).toHaveLength(6);
    expect(overview.candidates[0]).toMatchObject({
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
    expect(model).toMatchObject({ rows: 'train', trialNumbers: [overview.trialNumber] });
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
    const { trialNumbers, ...record } = model!;
    // As files have it from when only one trial could be trained again.
    await again.library
      .storage(key.storageId)
      .setStudySystemAttr(key.studyId, `parzen:model:${model!.id}`, {
        ...record,
        trialNumber: trialNumbers[0]!,
      });
    const older = await again.handlers['models.get']({ key }, call);
    expect(older.retrained).toMatchObject(overview.retrained);
    await expect(again.handlers['models.test']({ key, choice }, call)).rejects.toThrow(
      /2 times already/,
    );
  });

  it('keeps all networks that were trained again, or none and no word of them', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const retrain = (): Promise<ModelJob> =>
      done(services, services.handlers['models.retrain']({ key, nSeeds: 3 }, call));
    expect(await retrain()).toMatchObject({ state: 'done' });
    const { folder, retrained } = await services.handlers['models.get']({ key }, call);
    const [first, second, third] = retrained[0]!.members.map(({ hash }) => join(folder!, hash));
    await services.handlers['models.clean']({ key, all: true }, call);
    const filesBefore = readdirSync(folder!);
    // The same again, but the third has no place: what a rename cannot replace is in it.
    mkdirSync(join(third!, 'in the way'), { recursive: true });

    const failed = await retrain();
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'NOT_AVAILABLE' } });
    expect(failed.error!.message).toMatch(/^The networks could not be written to ".*\.models": E/);
    expect((await services.handlers['models.get']({ key }, call)).retrained).toEqual([]);
    rmSync(third!, { recursive: true });
    expect(readdirSync(folder!)).toEqual(filesBefore);
    expect(await retrain()).toMatchObject({ state: 'done' });
    const again = (await services.handlers['models.get']({ key }, call)).retrained[0]!;
    expect(again.members.map(({ hash }) => join(folder!, hash))).toEqual([first, second, third]);
  });

  it('names records of another form, loses none of them, and goes on without', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    await done(services, services.handlers['models.retrain']({ key, nSeeds: 2 }, call));
    await done(services, services.handlers['models.repeat']({ key, nTrials: 1, nSeeds: 2 }, call));
    const first = await services.handlers['models.get']({ key }, call);
    const { id } = first.retrained[0]!;
    const choice = { type: 'retrained', id } as const;
    await services.handlers['models.test']({ key, choice }, call);
    const whole = await services.handlers['models.get']({ key }, call);
    expect(whole).toMatchObject({ unreadable: [], retrained: [{ id }], tests: [{ look: 0 }] });
    expect(whole.repeated!.trials).toHaveLength(1);
    const names = [`parzen:model:${id}`, 'parzen:test:0', 'parzen:repeated'];

    const storage = services.library.storage(key.storageId);
    const { systemAttrs } = await storage.getStudy(key.studyId);
    const damaged: AttrValue[] = [7, 'x', true, [], {}, [null], { id, members: 3, trials: [{}] }];
    for (const name of names) {
      const { [Object.keys(systemAttrs[name] as object)[0]!]: _, ...others } = systemAttrs[
        name
      ] as Record<string, AttrValue>;
      for (const value of [...damaged, others]) {
        await storage.setStudySystemAttr(key.studyId, name, value);
        const { unreadable } = await services.handlers['models.get']({ key }, call);
        expect(unreadable, JSON.stringify([name, value])).toEqual([name]);
      }
      await storage.setStudySystemAttr(key.studyId, name, systemAttrs[name]!);
    }

    for (const name of names) await storage.setStudySystemAttr(key.studyId, name, { id });
    await storage.setStudySystemAttr(key.studyId, 'parzen:backend', { backend: 'abacus' });
    const overview = await services.handlers['models.get']({ key }, call);
    expect(new Set(overview.unreadable)).toEqual(new Set(names));
    expect(overview).toMatchObject({ retrained: [], tests: [], repeated: null });
    await expect(services.models.defaultChoice(key)).rejects.toThrow(
      `what the study keeps under parzen:model:${id} cannot be read`,
    );
    const format = 'node';
    await expect(services.handlers['models.export']({ key, choice, format }, call)).rejects.toThrow(
      `What the study keeps under parzen:model:${id} cannot be read`,
    );
    // The look was one, and its record keeps its place.
    const other = { type: 'trial', trialNumber: overview.trialNumber! } as const;
    await expect(
      services.handlers['models.test']({ key, choice: other }, call),
    ).rejects.toMatchObject({ code: 'SECOND_LOOK' });
    const again = { key, choice: other, confirmSecondLook: true };
    expect(await services.handlers['models.test'](again, call)).toMatchObject({ look: 1 });
    const after = (await storage.getStudy(key.studyId)).systemAttrs;
    expect(names.map((name) => after[name])).toEqual(names.map(() => ({ id })));
    await services.runs.start(key, { targetTrials: 7 });
    expect(await services.runs.ended(key)).toMatchObject({ state: 'finished', error: null });
  });

  it('trains on the validation rows too, as long as was best in the search', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    await done(
      services,
      services.handlers['models.retrain']({ key, nSeeds: 2, rows: 'trainAndValidation' }, call),
    );
    const overview = await services.handlers['models.get']({ key }, call);
    const { retrained, trialNumber, candidates, retrain } = overview;
    const { userAttrs } = await services.library
      .storage(key.storageId)
      .getTrialByNumber(key.studyId, trialNumber!);
    const nEpochs = (userAttrs.best_epoch as number) + 1;
    expect(candidates[0]).toMatchObject({ trialNumber, nEpochs });
    expect(retrain).toEqual({ nTrials: 1, rows: 'train' });
    expect(retrained[0]).toMatchObject({
      rows: 'trainAndValidation',
      mean: null,
      members: [
        { nEpochs, value: null },
        { nEpochs, value: null },
      ],
    });
  });

  it('learns how to read rows from the validation rows too, and tests and predicts so', async () => {
    const services = await startServices();
    const { scaling: _, ...data } = iris.spec.data;
    const { rows } = await loadDataset(iris);
    const split = {
      train: [...rows.train],
      validation: [...rows.validation],
      test: [...rows.test],
    };
    const key = await finishedStudy(services, { data: { ...data, split: { rows: split } } });
    await done(
      services,
      services.handlers['models.retrain']({ key, nSeeds: 2, rows: 'trainAndValidation' }, call),
    );
    const choice = await services.models.defaultChoice(key);
    const [model] = await services.models.load(key, choice);
    const [header, ...lines] = readFileSync('resources/tables/iris.csv', 'utf8').trim().split('\n');
    const known = [...split.train, ...split.validation].map((row) =>
      Number(lines[row]!.split(',')[0]),
    );
    const mean = known.reduce((sum, value) => sum + value, 0) / 120;
    const [encoding] = model!.encodings;
    expect(encoding).toMatchObject({ type: 'number', center: expect.closeTo(mean, 10) });
    expect(model!.origin.nRows).toEqual({ train: 90, validation: 30, test: 30 });

    const { classification } = await services.handlers['models.test']({ key, choice }, call);
    const csv = [header, ...split.test.map((row) => lines[row])].join('\n');
    const table = { name: 'test.csv', content: new TextEncoder().encode(csv) };
    const { rows: answers, nOwnColumns } = await services.handlers['models.predict'](
      { key, choice, table },
      call,
    );
    const losses = answers.map((answer) => {
      const k = model!.classes!.indexOf(String(answer[nOwnColumns - 1]));
      return -Math.log(Number(answer[nOwnColumns + 1 + k]));
    });
    const logLoss = losses.reduce((sum, loss) => sum + loss, 0) / 30;
    expect(classification!.logLoss).toBeCloseTo(logLoss, 10);
  });

  it('offers the Pareto front to be trained again, and trains the trial that is chosen', async () => {
    const services = await startServices();
    const key = await finishedStudy(services, {
      objective: [{ metric: 'loss' }, { metric: 'parameters' }],
    });
    const storage = services.library.storage(key.storageId);
    const { directions } = await storage.getStudy(key.studyId);
    const front = bestTrials(await storage.getTrials(key.studyId), directions);
    expect(front.length).toBeGreaterThan(1);
    const { candidates, noise } = await services.handlers['models.get']({ key }, call);
    expect(noise).toMatchObject({ metric: 'loss', step: null, isIntervalOfFolds: false });
    expect(noise!.interval!.low).toBeLessThan(noise!.value);
    expect(noise!.interval!.high).toBeGreaterThan(noise!.value);
    const byLoss = front.toSorted((a, b) => a.values![0]! - b.values![0]!);
    expect(candidates.map(({ trialNumber, values }) => [trialNumber, values])).toEqual(
      byLoss.map(({ number, values }) => [number, values]),
    );
    const { trialNumber } = candidates.at(-1)!;
    await done(
      services,
      services.handlers['models.retrain']({ key, nSeeds: 1, trialNumber }, call),
    );
    const { retrained } = await services.handlers['models.get']({ key }, call);
    expect(retrained[0]).toMatchObject({ trialNumbers: [trialNumber], rows: 'train' });
  });

  it('says which networks it has let go, and why', async () => {
    const services = await startServices();
    const key = await finishedStudy(services, { checkpoints: 1 });
    const { best } = await services.library.summary(key);
    const problems: string[] = [];
    for (let trialNumber = 0; trialNumber < 6; trialNumber++)
      await services.models.load(key, { type: 'trial', trialNumber }).then(
        () => expect(trialNumber).toBe(best!.trialNumber),
        (error: Error) => problems.push(error.message),
      );
    expect(problems).toHaveLength(5);
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^The network of trial \d is not kept any more: it was deleted, or is none of the best 1 trials \(`checkpoints` in the spec\)\. Train/,
      ),
    );
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
    ).rejects.toMatchObject({ code: 'NOT_AVAILABLE' });
  });

  it('tests networks of regression studies with several numbers', async () => {
    const services = await startServices();
    const { spec } = loadSpec('diabetes');
    const key = await services.handlers['studies.create']({ spec: { ...spec }, seed: 1 }, call);
    await services.runs.start(key, { targetTrials: 3 });
    await services.runs.ended(key);
    const { checkpoints, noise } = await services.handlers['models.get']({ key }, call);
    // Its rows are in folds, so the deviation of these tells an interval.
    expect(noise).toMatchObject({ step: null, isIntervalOfFolds: true });
    expect(noise!.interval!.low).toBeLessThan(noise!.value);
    expect(noise!.interval!.high).toBeGreaterThan(noise!.value);
    const result = await services.handlers['models.test'](
      { key, choice: { type: 'trial', trialNumber: checkpoints[0]!.trialNumber } },
      call,
    );
    expect((await services.handlers['models.get']({ key }, call)).unreadable).toEqual([]);
    const [report] = result.regression!;
    expect(report).toMatchObject({ target: 'progression', nRows: 88 });
    expect(report![result.scoreMetric as RegressionScore]).toBeCloseTo(result.memberScores[0]!, 6);
    expect(result.scoreMetric).toBe(leadingObjective(spec).metric);
    expect(report!.actual.every((it) => Math.abs(it - Math.round(it)) < 1e-3)).toBe(true);
    expect(report!.intervals.r2.low).toBeLessThan(report!.r2);
  });

  it('trains again, of folds, the better half of the trials that they hardly tell from the best', () => {
    const spec = loadSpec('wine').spec;
    expect(spec.data.split).toHaveProperty('folds');
    const ranked = (values: readonly number[], deviation?: number) =>
      values.map((value) => ({
        values: [value],
        userAttrs: (deviation === undefined ? {} : { fold_deviation: deviation }) as Record<
          string,
          AttrValue
        >,
      }));
    const nTrials = (trials: ReturnType<typeof ranked>): number =>
      retrainDefaults(spec, trials).nTrials;
    const many = Array.from({ length: 100 }, (_, i) => 1 + i / 1000);
    expect(nTrials(ranked(many, 10))).toBe(25);
    expect(nTrials(ranked(many.slice(0, 11), 10))).toBe(6);
    expect(nTrials(ranked(many, 0.0105 / 2))).toBe(11);
    expect(nTrials(ranked(many, 0))).toBe(1);
    expect(nTrials(ranked([3, 2, 1, 0], 0.75))).toBe(2);
    expect(nTrials(ranked([3, 2, 1, 0], 0.5))).toBe(2);
    expect(nTrials(ranked([3, 2, 1, 0], 0.4))).toBe(1);
    // The deviation in the middle, in whatever order they are.
    expect(nTrials([...ranked([3, 2], 9), ...ranked([1], 0), ...ranked([0, -1, -2], 0)])).toBe(3);
    expect(nTrials([...ranked([3], 0), ...ranked([2], 9), ...ranked([1, 0, -1, -2], 0)])).toBe(1);
    const several = { ...spec, objective: [{ metric: 'loss' }, { metric: 'parameters' }] };
    expect(retrainDefaults(several as typeof spec, ranked(many, 10)).nTrials).toBe(1);
    // The best one is lucky in all its folds, which does not make others bad.
    expect(nTrials([...ranked([1], 0), ...ranked(many, 0.0105 / 2)])).toBe(12);
    // Trials of other programs may not say how far their folds are apart.
    expect(nTrials(ranked(many))).toBe(25);
    expect(nTrials([])).toBe(1);
    expect(retrainDefaults(iris.spec, ranked(many, 10))).toEqual({ nTrials: 1, rows: 'train' });
    expect([1, 2, 3, 5, 25].map(seedsFor)).toEqual([5, 5, 4, 2, 1]);
  });

  it('trains on all rows as long as one fold lasted, not as all of them together', async () => {
    const services = await startServices();
    const key = await finishedStudy(services, {
      data: { ...iris.spec.data, split: { folds: 3, test: 0.2 } },
      objective: { metric: 'loss', direction: 'minimize', value: 'last' },
      training: { ...iris.spec.training, epochs: 4, earlyStopping: undefined },
    });
    const before = await services.handlers['models.get']({ key }, call);
    expect(before.retrain!.rows).toBe('trainAndValidation');
    const { nTrials } = before.retrain!;
    // Of six trials.
    expect([1, 2, 3]).toContain(nTrials);
    await done(services, services.handlers['models.retrain']({ key }, call));
    const [byDefault] = (await services.handlers['models.get']({ key }, call)).retrained;
    expect(byDefault!.trialNumbers).toEqual(
      before.candidates.slice(0, nTrials).map(({ trialNumber }) => trialNumber),
    );
    expect(byDefault!.members).toHaveLength(nTrials * seedsFor(nTrials));
    await done(services, services.handlers['models.retrain']({ key, nTrials: 3 }, call));
    const [three] = (await services.handlers['models.get']({ key }, call)).retrained;
    expect(three!.members).toHaveLength(3 * 4);
    // All of them validate, each in one of the folds.
    expect(before.noise).toMatchObject({ nRows: 120, step: null });
    await done(services, services.handlers['models.retrain']({ key, nTrials: 2, nSeeds: 2 }, call));
    const { retrained, checkpoints } = await services.handlers['models.get']({ key }, call);
    const [model] = retrained;
    expect(model).toMatchObject({ rows: 'trainAndValidation', mean: null });
    expect(model!.trialNumbers).toEqual(
      checkpoints.slice(0, 2).map(({ trialNumber }) => trialNumber),
    );
    expect(model!.members.map(({ nEpochs }) => nEpochs)).toEqual([4, 4, 4, 4]);
    // More than there are.
    await done(services, services.handlers['models.retrain']({ key, nTrials: 50 }, call));
    const [all] = (await services.handlers['models.get']({ key }, call)).retrained;
    expect(all!.members).toHaveLength(6 * seedsFor(6));
    // No loss is below 0, however far folds are apart.
    const [trial] = await services.library.storage(key.storageId).getTrials(key.studyId);
    await services.library.storage(key.storageId).createTrial(key.studyId, {
      ...trial!,
      values: [0.001],
      userAttrs: { ...trial!.userAttrs, fold_values: [0, 0.001, 0.002], fold_deviation: 1 },
    });
    const { noise } = await services.handlers['models.get']({ key }, call);
    expect(noise!.interval!.low).toBe(0);
    const networks = await services.models.load(key, { type: 'retrained', id: model!.id });
    expect(networks.map(({ origin }) => [origin.trialNumber, origin.repetition])).toEqual(
      model!.trialNumbers.flatMap((number) => [
        [number, 0],
        [number, 1],
      ]),
    );
  });

  it('offers the 25 best trials to be trained again', async () => {
    const services = await startServices();
    const key = await services.handlers['studies.create']({ spec: 'iris', seed: 1 }, call);
    const storage = services.library.storage(key.storageId);
    for (let i = 0; i < 30; i++)
      await storage.createTrial(key.studyId, frozenTrial({ number: i, values: [i / 30] }));
    const { candidates } = await services.handlers['models.get']({ key }, call);
    expect(candidates.map(({ trialNumber }) => trialNumber)).toEqual(
      Array.from({ length: 25 }, (_, i) => 29 - i),
    );
  });

  it('refuses to test a network whose training has diverged', async () => {
    const services = await startServices();
    const training = {
      ...iris.spec.training,
      optimizer: { type: 'sgd', learningRate: 1e30 },
      earlyStopping: undefined,
    };
    const key = await finishedStudy(services, { training });
    // It has an accuracy all the same, and so a network that is kept.
    const { best } = await services.library.summary(key);
    expect(best!.value).toBeGreaterThan(0);
    const choice = { type: 'trial', trialNumber: best!.trialNumber } as const;
    await expect(services.handlers['models.test']({ key, choice }, call)).rejects.toMatchObject({
      code: 'NOT_AVAILABLE',
      message: expect.stringContaining('the training has diverged'),
    });
    expect((await services.handlers['models.get']({ key }, call)).tests).toEqual([]);
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
    // Those of before and after prepare rows differently, so they cannot answer together.
    const { length: size } = (await services.models.overview(key)).checkpoints;
    await expect(services.models.load(key, { type: 'ensemble', size })).rejects.toThrow(
      /trained on different states of the table/,
    );
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
    expect(predicted).toMatchObject({
      nRows: 2,
      columns: [...header.split(','), 'predicted_progression'],
      nOwnColumns: 11,
    });
    expect(predicted.notes).toEqual([
      'Column "sex": "9" is unknown from training and counts as none of the known categories.',
    ]);
    const lines = predicted.csv.trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const [i, line] of csv.trim().split('\n').entries())
      expect(lines[i]!.startsWith(`${line},`)).toBe(true);
    expect(predicted.rows[0]!.slice(0, 11)).toEqual(csv.split('\n')[1]!.split(','));
    for (const row of predicted.rows) expect(row[11]).toBeGreaterThan(0);
    const wrong = { name: 'wrong.csv', content: new TextEncoder().encode('age,sex\n1,2\n') };
    await expect(
      services.handlers['models.predict']({ key, choice, table: wrong }, call),
    ).rejects.toThrow(/must have all columns that the network was trained with, but has no "bmi"/);

    const files = await services.handlers['models.export']({ key, choice, format: 'tfjs' }, call);
    expect(files.map(({ name }) => name)).toEqual(['model.json', 'weights.bin', 'inputs.json']);
  });

  it('reads the numbers of new rows as those of the study are written, where they could be either', async () => {
    const services = await startServices();
    const path = join(temporaryFolder(), 'sales.csv');
    const lines = Array.from({ length: 60 }, (_, i) => `${1 + (i % 8)}.${100 + i},5;${i % 2}`);
    writeFileSync(path, ['amount;late', ...lines.slice(1)].join('\n'));
    const key = await finishedStudy(services, {
      data: {
        table: path,
        task: 'classification',
        target: 'late',
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      },
    });
    const choice = await services.models.defaultChoice(key);
    const predict = async (cell: string) => {
      const content = new TextEncoder().encode(`amount;more\n${cell};x\n`);
      const table = { name: 'new.csv', content };
      const { rows } = await services.handlers['models.predict']({ key, choice, table }, call);
      return rows[0]!.slice(2);
    };
    expect(await predict('5.250')).toEqual(await predict('5250'));
    expect(await predict('5.250')).not.toEqual(await predict('5,25'));
  });

  it('keeps the cells of a table beside the predictions, and formulas from being run', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const choice = await services.models.defaultChoice(key);
    const csv =
      'petal_width_cm;note;predicted_species;petal_length_cm;sepal_width_cm;sepal_length_cm\n' +
      '0,2;=1+1;a "b", c;1,4;3,5;5,1\n2,1;-7,5;NA;5,6;2,8;6,4\n';
    const predict = (guardFormulas?: boolean) =>
      services.handlers['models.predict'](
        {
          key,
          choice,
          table: { name: 'new.csv', content: new TextEncoder().encode(csv) },
          guardFormulas,
        },
        call,
      );
    const plain = await predict();
    expect(plain.columns.slice(5, 8)).toEqual([
      'sepal_length_cm',
      'predicted_species_2',
      'probability_setosa',
    ]);
    const [, first, second] = plain.csv.split('\n');
    expect(first).toMatch(/^"0,2",=1\+1,"a ""b"", c","1,4","3,5","5,1",setosa,/);
    expect(second).toMatch(/^"2,1","-7,5",NA,"5,6","2,8","6,4",virginica,/);
    expect(plain.notes).toEqual([]);
    const guarded = await predict(true);
    expect(guarded.csv.split('\n')[1]).toMatch(/^"0,2",'=1\+1,/);
    expect(guarded.csv.split('\n')[2]).toBe(second);
    expect(guarded.notes).toEqual([expect.stringMatching(/^A cell that a spreadsheet would run/)]);
    expect(guarded.rows).toEqual(plain.rows);
  });

  it('takes numbers with thousands marks for no formulas', async () => {
    const services = await startServices();
    const key = await finishedStudy(services, {
      data: {
        ...iris.spec.data,
        format: { decimal: '.', thousands: ',' },
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      },
    });
    const choice = await services.models.defaultChoice(key);
    const csv =
      'sepal_length_cm;sepal_width_cm;petal_length_cm;petal_width_cm\n1,001;3.5;-1,400;0.2\n';
    const table = { name: 'new.csv', content: new TextEncoder().encode(csv) };
    const predict = (content: string) =>
      services.handlers['models.predict'](
        {
          key,
          choice,
          table: { ...table, content: new TextEncoder().encode(content) },
          guardFormulas: true,
        },
        call,
      );
    const { csv: answers, rows } = await predict(csv);
    // A number, of which no spreadsheet makes a formula.
    expect(answers.split('\n')[1]).toMatch(/^"1,001",3.5,"-1,400",0.2,/);
    const { rows: plain } = await predict(csv.replaceAll(',', ''));
    expect(rows[0]!.slice(4)).toEqual(plain[0]!.slice(4));
  });

  it('tells how a test and a prediction go, and ends them when told to', async () => {
    const services = await startServices();
    const key = await finishedStudy(services);
    const choice = { type: 'ensemble', size: 3 } as const;
    const jobs: ModelJob[] = [];
    let cancelAt: ModelJob['kind'] | null = 'test';
    services.onEmit((event, payload) => {
      if (event !== 'model.changed') return;
      const { job } = payload as { job: ModelJob };
      jobs.push(job);
      if (job.state === 'running' && job.kind === cancelAt) services.models.cancel(key);
    });
    await expect(services.handlers['models.test']({ key, choice }, call)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect((await services.models.overview(key)).tests).toEqual([]);
    expect((await services.models.overview(key)).job).toMatchObject({ state: 'cancelled' });

    cancelAt = 'predict';
    const lines = Array.from({ length: 2000 }, () => '5.1,3.5,1.4,0.2\n').join('');
    const content = new TextEncoder().encode(
      `sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm\n${lines}`,
    );
    const input = { key, choice, table: { name: 'new.csv', content } };
    await expect(services.handlers['models.predict'](input, call)).rejects.toMatchObject({
      code: 'CANCELLED',
    });

    cancelAt = null;
    const { look } = await services.handlers['models.test']({ key, choice }, call);
    expect(look).toBe(0);
    // All together, each of three alone, and four columns.
    expect((await services.models.overview(key)).job).toMatchObject({
      kind: 'test',
      state: 'done',
      nDone: 8,
      nTotal: 8,
    });
    expect(await services.handlers['models.predict'](input, call)).toMatchObject({ nRows: 2000 });
    expect((await services.models.overview(key)).job).toMatchObject({ nDone: 2000, nTotal: 2000 });
    const caller = new AbortController();
    const given = services.handlers['models.predict'](input, { signal: caller.signal });
    caller.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
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
