import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Handlers } from '../contract/contract.ts';
import type { Interval } from '../contract/evaluation.ts';
import type { StudyKey } from '../contract/library.ts';
import {
  seedsFor,
  type ExportedFile,
  type ExportFormat,
  type ModelChoice,
  type ModelJob,
  type ModelsOverview,
  type RetrainCandidate,
  type Noise,
  type Predictions,
  type TestResult,
  type TrainingRows,
} from '../contract/models.ts';
import type { Dataset } from '../training/datasets/dataset.ts';
import type { PrepareOptions } from '../training/datasets/prepare-table.ts';
import { exportModel } from '../training/export/export-model.ts';
import { goalsOf, leadingObjective } from '../training/objectives-of.ts';
import { createProgramPool } from '../training/pool.ts';
import type { Program } from '../training/programs.ts';
import { decodeModel, type ModelOrigin, type SavedModel } from '../training/saved-model.ts';
import type { SpareChildren } from '../training/spare-children.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { ProgramStudySpec } from '../training/spec/program.ts';
import { metricBounds } from '../training/vocabulary.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import { isBetter } from '../tuner/study/direction.ts';
import { bestTrials } from '../tuner/study/pareto-front.ts';
import { isFeasible, SEED } from '../tuner/system-attrs.ts';
import type { AttrValue, FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { referencedFiles, topCheckpoints } from './checkpoints.ts';
import { ServiceError, toErrorInfo } from './errors.ts';
import { foldInterval, wilsonInterval } from '../tuner/math/intervals.ts';
import { throttle, type EventHub } from './events.ts';
import {
  countLooks,
  keptBackend,
  repeatedTrials,
  retrainedModels,
  testResults,
  unreadableRecords,
} from './kept-records.ts';
import type { Library } from './library.ts';
import { summarizeLayers } from './model-layers.ts';
import { ModelStore } from './model-store.ts';
import { testModels } from './model-test.ts';
import {
  bestEpochs,
  networkContext,
  repeatTrials,
  retrain,
  retrainDefaults,
  type RepeatContext,
  type TrainingContext,
} from './model-training.ts';
import { predictTable, type PredictTableOptions } from './predict-table.ts';
import type { Runs } from './runs.ts';
import type { Settings } from './settings.ts';
import {
  hasSpec,
  MODEL_PREFIX,
  networkSpecOf,
  REPEATED,
  specOf,
  TEST_PREFIX,
} from './study-attrs.ts';
import { loadStudyData } from './study-data.ts';

const jobEventIntervalMs = 100;

interface RunningJob {
  status: ModelJob;
  readonly abort: AbortController;
  /** Resolves when it is over; never rejects. */
  ended: Promise<void>;
}

/** What a job is told and tells. */
interface JobProgress {
  readonly signal: AbortSignal;
  readonly onProgress: (nDone: number, nTotal?: number) => void;
}

/** What becomes of a study's best trials: trained again, tested once, handed on. */
export class Models {
  readonly #library: Library;
  readonly #runs: Runs;
  readonly #hub: EventHub;
  readonly #settings: Settings;
  readonly #spares: SpareChildren;
  readonly #jobs = new Map<string, RunningJob>();

  constructor(
    library: Library,
    runs: Runs,
    hub: EventHub,
    settings: Settings,
    spares: SpareChildren,
  ) {
    this.#library = library;
    this.#spares = spares;
    this.#runs = runs;
    this.#hub = hub;
    this.#settings = settings;
  }

  async overview(key: StudyKey): Promise<ModelsOverview> {
    const { study, trials } = await this.#read(key);
    const store = this.#store(key);
    const anySpec = hasSpec(study) ? specOf(study) : null;
    const spec = anySpec && !isProgramStudy(anySpec) ? anySpec : null;
    const sizes = (await store?.sizes()) ?? new Map<string, number>();
    const top = spec ? topCheckpoints(trials, study.directions, spec.checkpoints) : [];
    const shown = top.find(({ hash }) => sizes.has(hash));
    const model = shown && store ? decodeModel(await store.get(shown.hash)) : null;
    return {
      folder: store?.folder ?? null,
      sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
      limit: spec?.checkpoints ?? 0,
      checkpoints: top.map(({ number, values, hash }) => ({
        trialNumber: number,
        values,
        sizeBytes: sizes.get(hash) ?? null,
      })),
      retrained: retrainedModels(study),
      repeated: repeatedTrials(study),
      tests: testResults(study),
      unreadable: unreadableRecords(study),
      nTestRows: model?.origin.nRows.test ?? null,
      network: model && summarizeLayers(model.network),
      history: model?.origin.history ?? null,
      trialNumber: model?.origin.trialNumber ?? null,
      candidates: anySpec ? candidatesOf(study, trials, spec) : [],
      retrain: spec && retrainDefaults(spec, bestFirst(study, trials)),
      noise: spec && model ? noiseOf(study, trials, spec, model.origin) : null,
      job: this.#jobs.get(toId(key))?.status ?? null,
    };
  }

  async retrain(
    key: StudyKey,
    options: {
      trialNumber?: number;
      nTrials?: number;
      rows?: TrainingRows;
      nSeeds?: number;
    } = {},
  ): Promise<RunningJob> {
    const { study, trials } = await this.#read(key);
    const ranked = bestFirst(study, trials);
    const byDefault = retrainDefaults(networkSpecOf(study), ranked);
    const { trialNumber, nTrials = byDefault.nTrials, rows = byDefault.rows } = options;
    const chosen =
      trialNumber === undefined
        ? ranked.slice(0, nTrials)
        : trials.filter(({ number }) => number === trialNumber);
    const { nSeeds = seedsFor(chosen.length) } = options;
    if (chosen.length === 0)
      throw new ServiceError(
        'NOT_AVAILABLE',
        trialNumber === undefined
          ? 'The study has no complete trial yet, so there is nothing to train again.'
          : `Trial ${trialNumber} is not a complete trial of the study.`,
      );
    const store = this.#requireStore(key);
    this.#assertIdle(key);
    return this.#start(key, 'retrain', chosen.length * nSeeds, async (progress) => {
      const { record, contents } = await retrain(await this.#context(study, progress, rows), {
        trials: chosen,
        rows,
        nSeeds,
      });
      const id = randomUUID();
      const name = `${MODEL_PREFIX}${id}`;
      // Referred to before they are there, they are nobody's orphans.
      await this.#write(key, name, { id, ...record });
      try {
        await store.putAll(contents);
      } catch (error) {
        await this.#library.storage(key.storageId).setStudySystemAttr(key.studyId, name, null);
        throw new ServiceError(
          'NOT_AVAILABLE',
          `The networks could not be written to "${store.folder}": ${toErrorInfo(error).message}. None of them was kept. See to that, and train again.`,
          { cause: error },
        );
      }
      this.#changed(key);
    });
  }

  async repeat(
    key: StudyKey,
    { nTrials = 5, nSeeds = 5, trust }: { nTrials?: number; nSeeds?: number; trust?: boolean } = {},
  ): Promise<RunningJob> {
    const { study, trials } = await this.#read(key);
    const spec = specOf(study);
    const best = bestFirst(study, trials).slice(0, nTrials);
    if (best.length === 0)
      throw new ServiceError(
        'NOT_AVAILABLE',
        'The study has no complete trial yet, so there is nothing to run again.',
      );
    // Null: networks are trained again.
    const program = await this.#runs.trustedProgram(key, trust);
    this.#assertIdle(key);
    return this.#start(key, 'repeat', best.length * nSeeds, async (progress) => {
      const context =
        program && isProgramStudy(spec)
          ? this.#programContext(study, spec, program, progress)
          : networkContext(await this.#context(study, progress));
      const repeated = await repeatTrials(context, {
        trials: best,
        nSeeds,
        direction: study.directions[0] ?? 'minimize',
        metric: goalsOf(spec)[0]?.name ?? 'value',
      });
      await this.#write(key, REPEATED, repeated);
    });
  }

  /** @throws ServiceError `SECOND_LOOK` */
  async test(
    key: StudyKey,
    choice: ModelChoice,
    options: { confirmSecondLook?: boolean; signal: AbortSignal },
  ): Promise<TestResult> {
    const { study } = await this.#read(key);
    const nLooks = countLooks(study);
    const first = testResults(study).at(-1);
    const day = first ? `, first on ${new Date(first.atMs).toISOString().slice(0, 10)}` : '';
    if (nLooks > 0 && !options.confirmSecondLook)
      throw new ServiceError(
        'SECOND_LOOK',
        `The test rows have been looked at ${nLooks === 1 ? 'once' : `${nLooks} times`} already${day}. ` +
          'Who chooses among several looks gets a score that is too good. Confirm to look again; it will be recorded as a further look.',
      );
    const models = await this.load(key, choice);
    // The test rows as these networks have learned to read them, which those trained on the validation rows too do otherwise than the search.
    const [{ encodings, targetScales }] = models as [SavedModel];
    const { dataset, spec } = await this.#data(study, { known: { encodings, targetScales } });
    const { metric } = leadingObjective(spec);
    if (models.some(({ origin }) => origin.tableHash !== dataset.tableHash))
      throw new ServiceError(
        'NOT_AVAILABLE',
        'The network was trained with another table than the study has now, so the test rows of this one may be among those it learned from. Train it again first.',
      );
    if (dataset.test.nRows === 0)
      throw new ServiceError(
        'NOT_AVAILABLE',
        'The split of the study leaves no test rows. Create a study with some, or test with another table by predicting it.',
      );
    return this.#perform(key, 'test', options.signal, async (progress) => {
      const result = {
        atMs: Date.now(),
        choice,
        look: nLooks,
        ...(await testModels(models, dataset, { metric, ...progress })),
      };
      await this.#write(key, `${TEST_PREFIX}${result.look}`, result);
      return result;
    });
  }

  /** What networks answer for the rows of a file. */
  async predict(
    key: StudyKey,
    choice: ModelChoice,
    path: string,
    options: Pick<PredictTableOptions, 'guardFormulas'> & { signal: AbortSignal },
  ): Promise<Predictions> {
    const models = await this.load(key, choice);
    const { study } = await this.#read(key);
    const like = networkSpecOf(study).data.format;
    return this.#perform(key, 'predict', options.signal, async (progress) =>
      predictTable(models, path, { ...options, like, ...progress }),
    );
  }

  /** The networks of a choice, at least one. @throws ServiceError or ModelFileError where they are not there. */
  async load(key: StudyKey, choice: ModelChoice): Promise<SavedModel[]> {
    const { study, trials } = await this.#read(key);
    const store = this.#requireStore(key);
    const hashes = hashesOf(choice, study, trials);
    if (choice.type === 'trial' && !(await store.sizes()).has(hashes[0] as string))
      throw new ServiceError(
        'NOT_AVAILABLE',
        `The network of trial ${choice.trialNumber} is not kept any more: it was deleted, or is none of the best ${networkSpecOf(study).checkpoints} trials (\`checkpoints\` in the spec). Train its parameters again.`,
      );
    const models = await Promise.all(
      hashes.map(async (hash) => decodeModel(await store.get(hash), `The file ${hash}`)),
    );
    const [first, ...others] = models.map(({ task, classes, encodings, targetScales }) =>
      JSON.stringify([task, classes, encodings, targetScales]),
    );
    if (others.some((other) => other !== first))
      throw new ServiceError(
        'NOT_AVAILABLE',
        'These networks were trained on different states of the table and prepare rows differently, so they cannot answer together. Train the best parameters again, and take those networks.',
      );
    return models;
  }

  /** Files that predict elsewhere. @throws ModelExportError where a network cannot be saved so. */
  async export(key: StudyKey, choice: ModelChoice, format: ExportFormat): Promise<ExportedFile[]> {
    const { study } = await this.#read(key);
    return exportModel(await this.load(key, choice), format, networkSpecOf(study).data.format);
  }

  /** The best of what there is: the newest that was trained again, else the best trial's. */
  async defaultChoice(key: StudyKey): Promise<ModelChoice> {
    const { study, trials } = await this.#read(key);
    const unreadable = unreadableRecords(study).filter((name) => name.startsWith(MODEL_PREFIX));
    if (unreadable.length > 0)
      throw new ServiceError(
        'NOT_AVAILABLE',
        `Which networks were trained again last cannot be told, as what the study keeps under ${unreadable.join(', ')} cannot be read. Say which networks to take: those of a trial, or others that were trained again.`,
      );
    const [newest] = retrainedModels(study);
    if (newest) return { type: 'retrained', id: newest.id };
    const [best] = topCheckpoints(trials, study.directions, 1);
    if (!best)
      throw new ServiceError(
        'NOT_AVAILABLE',
        'No network of this study is kept. Train the best parameters again first.',
      );
    return { type: 'trial', trialNumber: best.number };
  }

  /** Deletes what nothing refers to; with `all` also what this study does. */
  async clean(key: StudyKey, { all = false } = {}): Promise<{ nFiles: number; sizeBytes: number }> {
    this.#assertIdle(key);
    const { study } = await this.#read(key);
    const store = this.#store(key);
    if (!store) return { nFiles: 0, sizeBytes: 0 };
    const storage = this.#library.storage(key.storageId);
    if (all)
      for (const { id } of retrainedModels(study))
        await storage.setStudySystemAttr(key.studyId, `${MODEL_PREFIX}${id}`, null);
    const removed = await store.clean(() =>
      referencedFiles(storage, all ? { without: key.studyId } : {}),
    );
    this.#changed(key);
    return removed;
  }

  cancel(key: StudyKey): void {
    this.#jobs.get(toId(key))?.abort.abort(new ServiceError('CANCELLED', 'Cancelled.'));
  }

  /** Resolves when what is under way for the study, if anything, is over. */
  async ended(key: StudyKey): Promise<ModelJob | null> {
    const job = this.#jobs.get(toId(key));
    await job?.ended;
    return job?.status ?? null;
  }

  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    for (const { abort } of jobs) abort.abort(new ServiceError('CANCELLED', 'Cancelled.'));
    await Promise.all(jobs.map(({ ended }) => ended));
  }

  /** Does what the caller waits for as a job, which others see and may cancel. @throws what `work` does, or the reason of its end. */
  async #perform<Result>(
    key: StudyKey,
    kind: ModelJob['kind'],
    signal: AbortSignal,
    work: (progress: JobProgress) => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<Result>();
    const job = this.#start(key, kind, 0, async (progress) => {
      const result = work(progress);
      resolve(result);
      await result;
    });
    const giveUp = (): void => job.abort.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
      // Else the next job would find this one under way.
      await job.ended;
    }
  }

  #start(
    key: StudyKey,
    kind: ModelJob['kind'],
    nTotal: number,
    work: (progress: JobProgress) => Promise<void>,
  ): RunningJob {
    this.#assertNoJob(key);
    const job: RunningJob = {
      status: {
        key,
        kind,
        state: 'running',
        nDone: 0,
        nTotal,
        startedAtMs: Date.now(),
        error: null,
      },
      abort: new AbortController(),
      ended: Promise.resolve(),
    };
    const announce = throttle(jobEventIntervalMs, () =>
      this.#hub.emit('model.changed', { key, job: job.status }),
    );
    const set = (changes: Partial<ModelJob>): void => {
      job.status = { ...job.status, ...changes };
      announce.request();
    };
    this.#jobs.set(toId(key), job);
    announce.request();
    job.ended = work({
      signal: job.abort.signal,
      onProgress: (nDone, total = nTotal) => set({ nDone, nTotal: total }),
    }).then(
      () => set({ state: 'done' }),
      (error: unknown) =>
        set(
          job.abort.signal.aborted
            ? { state: 'cancelled' }
            : { state: 'failed', error: toErrorInfo(error) },
        ),
    );
    return job;
  }

  #assertIdle(key: StudyKey): void {
    this.#runs.assertNotRunning(key);
    this.#assertNoJob(key);
  }

  #assertNoJob(key: StudyKey): void {
    if (this.#jobs.get(toId(key))?.status.state === 'running')
      throw new ServiceError(
        'RUN_ACTIVE',
        'Networks of this study are being trained, tested or asked. Wait until that is done, or cancel it.',
      );
  }

  /** @throws ServiceError `RUN_ACTIVE` while networks of the file are trained: they are kept beside it. */
  assertNoJobIn(storageId: string): void {
    for (const { status } of this.#jobs.values())
      if (status.state === 'running' && status.key.storageId === storageId)
        throw new ServiceError(
          'RUN_ACTIVE',
          'Networks of a study of this file are being trained. Wait for them, or cancel.',
        );
  }

  async #context(
    study: FrozenStudy,
    progress: JobProgress,
    rows: TrainingRows = 'train',
  ): Promise<TrainingContext> {
    const { spec, dataset } = await this.#data(study, { rows });
    return {
      studyName: study.studyName,
      spec,
      dataset,
      seed: Number(study.systemAttrs[SEED] ?? 0),
      jobs: this.#settings.user.jobs ?? spec.jobs,
      backend: keptBackend(study) ?? { backend: spec.backend, engine: spec.engine },
      spares: this.#spares,
      ...progress,
    };
  }

  #programContext(
    study: FrozenStudy,
    spec: ProgramStudySpec,
    program: Program,
    progress: JobProgress,
  ): RepeatContext {
    return {
      seed: Number(study.systemAttrs[SEED] ?? 0),
      jobs: this.#settings.user.jobs ?? spec.jobs,
      openPool: (options) => createProgramPool({ spec, program, spares: this.#spares, ...options }),
      ...progress,
    };
  }

  /** @throws ServiceError `DATA_CHANGED` */
  async #data(
    study: FrozenStudy,
    options: PrepareOptions,
  ): Promise<{ spec: NetworkStudySpec; dataset: Dataset }> {
    const spec = networkSpecOf(study);
    const { dataset } = await loadStudyData(study, spec, options);
    return { spec, dataset };
  }

  async #read(key: StudyKey): Promise<{ study: FrozenStudy; trials: readonly FrozenTrial[] }> {
    const storage = this.#library.storage(key.storageId);
    const [study, trials] = await Promise.all([
      storage.getStudy(key.studyId),
      storage.getTrials(key.studyId, ['complete']),
    ]);
    return { study, trials };
  }

  #store(key: StudyKey): ModelStore | null {
    const folder = this.#library.modelFolder(key.storageId);
    return folder === null ? null : new ModelStore(folder);
  }

  #requireStore(key: StudyKey): ModelStore {
    const store = this.#store(key);
    if (store) return store;
    throw new ServiceError(
      'NOT_AVAILABLE',
      'Networks are kept beside the study file, but this study is in memory or its file cannot be written. Copy it to a file first.',
    );
  }

  async #write(key: StudyKey, name: string, value: object): Promise<void> {
    const plain = JSON.parse(JSON.stringify(value)) as AttrValue;
    await this.#library.storage(key.storageId).setStudySystemAttr(key.studyId, name, plain);
    this.#changed(key);
  }

  #changed(key: StudyKey): void {
    this.#hub.emit('model.changed', { key, job: this.#jobs.get(toId(key))?.status ?? null });
  }
}

function toId({ storageId, studyId }: StudyKey): string {
  return `${storageId}\n${studyId}`;
}

function hashesOf(
  choice: ModelChoice,
  study: FrozenStudy,
  trials: readonly FrozenTrial[],
): string[] {
  const top = topCheckpoints(trials, study.directions, Infinity);
  switch (choice.type) {
    case 'trial': {
      const found = top.find(({ number }) => number === choice.trialNumber);
      if (!found)
        throw new ServiceError(
          'NOT_AVAILABLE',
          `No network of trial ${choice.trialNumber} is kept. Train its parameters again.`,
        );
      return [found.hash];
    }
    case 'ensemble':
      if (top.length < choice.size)
        throw new ServiceError(
          'NOT_AVAILABLE',
          `An ensemble of ${choice.size} needs the networks of so many trials, but ${top.length} are kept.`,
        );
      return top.slice(0, choice.size).map(({ hash }) => hash);
    case 'retrained': {
      const found = retrainedModels(study).find(({ id }) => id === choice.id);
      if (!found)
        throw new ServiceError(
          'NOT_AVAILABLE',
          unreadableRecords(study).includes(`${MODEL_PREFIX}${choice.id}`)
            ? `What the study keeps under ${MODEL_PREFIX}${choice.id} cannot be read, so its networks are not known.`
            : `There is no retrained model ${choice.id}.`,
        );
      return found.members.map(({ hash }) => hash);
    }
  }
}

/**
 * Complete and feasible trials by the first objective, of equals the earlier one first; where there are several objectives, those of the
 * Pareto front before all others.
 */
function bestFirst({ directions }: FrozenStudy, trials: readonly FrozenTrial[]): FrozenTrial[] {
  const sign = directions[0] === 'maximize' ? -1 : 1;
  const front = new Set(directions.length > 1 ? bestTrials(trials, directions) : []);
  return trials
    .filter((trial) => isFeasible(trial) && !Number.isNaN(trial.values?.[0] ?? NaN))
    .sort(
      (a, b) =>
        Number(front.has(b)) - Number(front.has(a)) ||
        sign * ((a.values?.[0] ?? 0) - (b.values?.[0] ?? 0)) ||
        a.number - b.number,
    );
}

/** More of the best of one objective are hardly worth being looked at. */
const N_CANDIDATES = 25;

function candidatesOf(
  study: FrozenStudy,
  trials: readonly FrozenTrial[],
  spec: NetworkStudySpec | null,
): RetrainCandidate[] {
  const { directions } = study;
  const n = directions.length > 1 ? bestTrials(trials, directions).length : N_CANDIDATES;
  return bestFirst(study, trials)
    .slice(0, n)
    .map((trial) => ({
      trialNumber: trial.number,
      values: trial.values ?? [],
      nEpochs: spec && bestEpochs(trial, spec),
    }));
}

/** How far the best value can be trusted: by its validation rows, or by how far folds are apart. */
function noiseOf(
  study: FrozenStudy,
  trials: readonly FrozenTrial[],
  spec: NetworkStudySpec,
  { nRows: { train, validation }, ...origin }: ModelOrigin,
): Noise | null {
  const isFolded = 'folds' in spec.data.split;
  // Each fold validates others of the rows, so in the end all of them have.
  const nRows = isFolded ? train + validation : validation;
  const ordered = bestFirst(study, trials);
  const value = ordered[0]?.values?.[0];
  const objective = leadingObjective(spec);
  if (value === undefined) return null;
  const isShare = objective.metric === 'accuracy';
  const isOfRows = isShare || !isFolded;
  const ofRows = origin.trialNumber === ordered[0]?.number ? (origin.interval ?? null) : null;
  return {
    metric: objective.metric,
    value,
    tiedTrials: ordered
      .filter(
        ({ values }) => !isBetter(study.directions[0] ?? 'minimize', value, values?.[0] ?? NaN),
      )
      .map(({ number }) => number),
    nRows,
    // A mean over folds of different sizes takes smaller ones too.
    step: isShare && !isFolded ? 1 / nRows : null,
    interval: isShare
      ? wilsonInterval(Math.round(value * nRows), nRows)
      : isFolded
        ? foldIntervalOf(ordered[0], { train, validation }, metricBounds[objective.metric])
        : ofRows,
    isIntervalOfFolds: !isOfRows,
  };
}

/** Null where the trial was not measured in folds. */
function foldIntervalOf(
  trial: FrozenTrial | undefined,
  rows: Pick<ModelOrigin['nRows'], 'train' | 'validation'>,
  bounds: Interval,
): Interval | null {
  const { fold_values: values, fold_deviation: deviation } = trial?.userAttrs ?? {};
  const mean = trial?.values?.[0];
  if (!Array.isArray(values) || typeof deviation !== 'number' || mean === undefined) return null;
  return foldInterval({ mean, deviation, nFolds: values.length }, rows, bounds);
}

type ModelsHandlers = Pick<
  Handlers,
  | 'models.get'
  | 'models.retrain'
  | 'models.repeat'
  | 'models.test'
  | 'models.cancel'
  | 'models.clean'
  | 'models.export'
  | 'models.predict'
>;

export function modelsHandlers(models: Models): ModelsHandlers {
  return {
    'models.get': async ({ key }) => models.overview(key),
    'models.retrain': async ({ key, ...options }) => (await models.retrain(key, options)).status,
    'models.repeat': async ({ key, ...options }) => (await models.repeat(key, options)).status,
    'models.test': async ({ key, choice, confirmSecondLook }, { signal }) =>
      models.test(key, choice, { confirmSecondLook, signal }),
    'models.cancel': async ({ key }) => models.cancel(key),
    'models.clean': async ({ key, ...options }) => models.clean(key, options),
    'models.export': async ({ key, choice, format }) => models.export(key, choice, format),
    'models.predict': async ({ key, choice, table, guardFormulas }, { signal }) => {
      const options = { guardFormulas, signal };
      if ('path' in table) return models.predict(key, choice, table.path, options);
      const folder = await mkdtemp(join(tmpdir(), 'parzen-predict-'));
      try {
        const path = join(folder, basename(table.name));
        await writeFile(path, table.content);
        return await models.predict(key, choice, path, options);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
