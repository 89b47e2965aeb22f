import { basename, extname, resolve } from 'node:path';
import type { Dataset } from '../training/datasets/dataset.ts';
import { loadDataset } from '../training/datasets/prepare.ts';
import type { TableTaskOptions } from '../training/datasets/table-thread.ts';
import { goalsOf } from '../training/objectives-of.ts';
import { programOf } from '../training/programs.ts';
import { declaredSpace, searchSpaceOf, type SpecSpace } from '../training/search-space.ts';
import {
  loadSpec,
  parseSpec,
  type LoadedSpec,
  type NetworkStudySpec,
  type StudySpec,
} from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import { formatPath } from '../training/spec/messages.ts';
import { builtinTables } from '../training/vocabulary.ts';
import { createPruner } from '../tuner/pruners/registry.ts';
import { createSampler } from '../tuner/samplers/registry.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import { createStudy } from '../tuner/study/study.ts';
import { METRIC_NAMES } from '../tuner/system-attrs.ts';
import { SpecError } from '../training/errors.ts';
import { ServiceError } from './errors.ts';
import { freeName } from './free-name.ts';
import { needsSpace, samplerIssues } from './sampler-issues.ts';
import { DATA_HASH, SPEC, specOf } from './study-attrs.ts';
import { dataAttrs } from './study-data.ts';
import { takeTrials, type TakenTrials } from './taken-trials.ts';
import { withWarmStart } from './warm-start.ts';

export { builtInSpecs } from '../training/spec.ts';

/**
 * Creates a study from a spec and keeps the spec with it. Everything that can be wrong with it is found now: the spec, the table, sampler and pruner.
 *
 * @param source A spec, the path of a spec file, or the name of a built-in one.
 * @param options.trialsFrom A study whose trials go on in this one, as far as its search space could have suggested them.
 * @param options.warmStartFrom A study whose good trials say where CMA-ES begins.
 * @param options.studyName Default: the spec's name, with a number behind it where that is taken.
 * @throws SpecError, TableError, and InvalidArgumentError for options of sampler or pruner.
 */
export async function createStudyFromSpec(
  storage: Storage,
  source: LoadedSpec | string,
  options: {
    studyName?: string;
    seed?: number;
    trialsFrom?: StudyOfStorage;
    warmStartFrom?: StudyOfStorage;
  } = {},
): Promise<number> {
  const { spec: given, baseDir } = typeof source === 'string' ? loadSpec(source) : source;
  const spec = options.warmStartFrom ? await withWarmStart(given, options.warmStartFrom) : given;
  const own = await selfContained(spec, baseDir);
  await checkSampler(own, typeof source === 'string' ? source : `The spec of "${spec.name}"`);
  const taken = options.trialsFrom && (await trialsToTake(own, options.trialsFrom));
  const { ownSpec, attrs } = own;
  createPruner(spec.pruner.type, spec.pruner.options);
  const goals = goalsOf(spec);
  const study = await createStudy({
    storage,
    studyName: options.studyName ?? (await freeName(storage, spec.name)),
    directions: goals.map(({ direction }) => direction),
    seed: options.seed ?? spec.seed,
  });
  await study.setSystemAttr(SPEC, JSON.parse(JSON.stringify(ownSpec)));
  for (const [key, value] of Object.entries(attrs)) await study.setSystemAttr(key, value);
  await study.setSystemAttr(
    METRIC_NAMES,
    goals.map(({ name }) => name),
  );
  for (const trial of taken?.trials ?? []) await storage.createTrial(study.studyId, trial);
  return study.studyId;
}

/** A study and the storage that has it. */
export interface StudyOfStorage {
  readonly storage: Storage;
  readonly studyId: number;
}

/** The trials of another study that a new one can begin with; see taken-trials.ts. */
export async function trialsToTake(
  { ownSpec, attrs, dataset }: OwnSpec,
  { storage, studyId }: StudyOfStorage,
): Promise<TakenTrials> {
  const study = await storage.getStudy(studyId);
  const { studyName } = study;
  const from = { studyName, spec: specOf(study), trials: await storage.getTrials(studyId) };
  if (attrs[DATA_HASH] !== study.systemAttrs[DATA_HASH])
    throw new ServiceError(
      'TRIALS_NOT_COMPARABLE',
      `Trials can be taken over where the table is the same, but it has changed since "${studyName}" was made. Begin without its trials.`,
    );
  const space = (await spaceOf(ownSpec, dataset))?.params ?? null;
  return takeTrials(from, { spec: ownSpec, space });
}

async function spaceOf(spec: StudySpec, dataset: Dataset | null): Promise<SpecSpace | null> {
  if (!isProgramStudy(spec)) return dataset && (await searchSpaceOf(spec, dataset));
  return spec.space ? declaredSpace(spec.space) : null;
}

/** @throws SpecError for what the sampler would fail at in the first trial. */
async function checkSampler({ ownSpec, dataset }: OwnSpec, source: string): Promise<void> {
  const { type, options } = ownSpec.sampler;
  createSampler(type, options);
  const space = needsSpace(ownSpec) ? await spaceOf(ownSpec, dataset) : null;
  const issues = samplerIssues(ownSpec, space?.params ?? [], space?.nCombinations ?? null);
  if (issues.length > 0)
    throw new SpecError(
      source,
      issues.map(({ path, message }) => ({ path: formatPath(path), message })),
    );
}

/** Trials of a module that is run without a spec, where nobody says how many. */
const MODULE_TRIALS = 100;

/** The spec of a module alone, which is named after it. */
export function specOfModule(path: string, directions: readonly StudyDirection[] = []): LoadedSpec {
  const objective = directions.map((direction, i) => ({
    name: directions.length === 1 ? 'value' : `value ${i}`,
    direction,
  }));
  const spec = parseSpec({
    name: basename(path, extname(path)) || 'objective',
    run: { module: path },
    ...(objective.length > 0 ? { objective } : {}),
    stop: { trials: MODULE_TRIALS },
  });
  return { spec, baseDir: process.cwd() };
}

/** A spec that a study can keep, and what is kept beside it. */
interface OwnSpec {
  readonly ownSpec: StudySpec;
  readonly attrs: Readonly<Record<string, AttrValue>>;
  /** null for studies without a table. */
  readonly dataset: Dataset | null;
}

/**
 * The spec as it is kept with the study: it must not depend on files beside the spec, nor on where the program is installed.
 *
 * @throws SpecError, TableError when the table or the module of the user's own cannot be used.
 */
export async function selfContained(
  spec: StudySpec,
  baseDir: string,
  reading?: TableTaskOptions,
): Promise<OwnSpec> {
  if (!isProgramStudy(spec)) {
    const dataset = await loadDataset({ spec, baseDir }, reading);
    return {
      ownSpec: withOwnTable(spec, baseDir, dataset),
      attrs: dataAttrs(dataset),
      dataset,
    };
  }
  const program = programOf(spec, baseDir);
  const run =
    program.kind === 'module'
      ? { ...spec.run, module: program.path }
      : { ...spec.run, folder: program.folder };
  return { ownSpec: { ...spec, sampler: withBudget(spec), run }, attrs: {}, dataset: null };
}

function withOwnTable(spec: NetworkStudySpec, baseDir: string, dataset: Dataset): NetworkStudySpec {
  const { delimiter: _delimiter, ...data } = spec.data;
  const isBuiltIn = (builtinTables as readonly string[]).includes(data.table);
  return {
    ...spec,
    sampler: withBudget(spec),
    data: {
      ...data,
      // What was detected once must not be detected otherwise later.
      format: isBuiltIn ? data.format : dataset.table.format,
      table: isBuiltIn ? data.table : resolve(baseDir, data.table),
      split:
        'rows' in data.split && typeof data.split.rows === 'string'
          ? {
              rows: {
                train: [...dataset.rows.train],
                validation: [...dataset.rows.validation],
                test: [...dataset.rows.test],
              },
            }
          : data.split,
    },
  };
}

/** The automatic sampler is told how many trials are planned. Kept as planned first: to run more later changes no choice. */
function withBudget({ sampler, stop }: StudySpec): StudySpec['sampler'] {
  if (sampler.type !== 'auto' || stop.trials === undefined) return sampler;
  return { ...sampler, options: { nTrials: stop.trials, ...sampler.options } };
}
