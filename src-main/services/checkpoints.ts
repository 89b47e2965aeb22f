import { isWanted, type Checkpoint, type KeepWeights } from '../training/checkpoint.ts';
import type { Dataset } from '../training/datasets/dataset.ts';
import { encodeModel, historyOf, preprocessingOf, rowCounts } from '../training/saved-model.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { Epoch } from '../training/train.ts';
import { nondominationRanks } from '../tuner/math/nondomination.ts';
import type { FrozenStudy, Storage } from '../tuner/storages/storage.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import { isFeasible } from '../tuner/system-attrs.ts';
import type { Attrs, FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import type { Trial } from '../tuner/trial/trial.ts';
import type { Library } from './library.ts';
import { ModelStore, sha256 } from './model-store.ts';
import { hasSpec, MODEL_PREFIX, specOf } from './study-attrs.ts';

/** Optuna's prefix: with the artifact's id the name of an attribute that describes it. */
const ARTIFACT_PREFIX = 'artifacts:';

/** A trial whose network was kept at least for a while. */
interface CheckpointedTrial {
  readonly number: number;
  readonly values: readonly number[];
  readonly hash: string;
}

/** What is being run. */
interface CheckpointedStudy {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly spec: NetworkStudySpec;
  readonly dataset: Dataset;
}

/**
 * The trained networks of the best trials, kept while the study runs. A trial refers to its own as to an artifact of Optuna, so that Optuna and
 * its dashboard find it in the same folder; attributes of finished trials stay, so what has fallen behind is told by its missing file.
 */
export class Checkpoints {
  readonly #store: ModelStore;
  readonly #study: CheckpointedStudy;
  readonly #limit: number;
  readonly #directions: readonly StudyDirection[];
  #kept: CheckpointedTrial[];

  /** @param trials Those that are complete when the run starts. */
  constructor(store: ModelStore, study: CheckpointedStudy, trials: readonly FrozenTrial[]) {
    this.#store = store;
    this.#study = study;
    this.#limit = study.spec.checkpoints;
    this.#directions = study.directions;
    this.#kept = topCheckpoints(trials, this.#directions, this.#limit);
  }

  /** Whether the next trial's weights are worth being sent. */
  get keepWeights(): KeepWeights {
    if (this.#limit === 0) return false;
    const [direction, ...others] = this.#directions;
    const last = this.#kept[this.#limit - 1];
    if (!last || !direction || others.length > 0) return true;
    return { betterThan: last.values[0] as number, direction };
  }

  /** Keeps what the trial learned if that is among the best. To be called before the trial is told. */
  async offer(
    trial: Trial,
    values: readonly number[],
    checkpoint: Checkpoint,
    epochs: readonly Epoch[],
  ): Promise<void> {
    const { dataset, spec, studyName } = this.#study;
    if (values.some(Number.isNaN) || !isWanted(this.keepWeights, values[0] as number)) return;
    const content = encodeModel({
      ...preprocessingOf(dataset, spec.data),
      network: checkpoint.plan.network,
      weights: checkpoint.weights,
      origin: {
        studyName,
        trialNumber: trial.number,
        repetition: null,
        rows: 'train',
        epoch: checkpoint.epoch,
        nRows: rowCounts(dataset),
        history: historyOf(epochs),
        ...(checkpoint.interval && { interval: checkpoint.interval }),
        tableHash: dataset.tableHash,
      },
    });
    const hash = sha256(content);
    // Referred to before it is there, it is nobody's orphan.
    await trial.setSystemAttr(
      `${ARTIFACT_PREFIX}${hash}`,
      JSON.stringify({
        artifact_id: hash,
        filename: `trial-${trial.number}.safetensors`,
        mimetype: 'application/octet-stream',
        encoding: null,
      }),
    );
    await this.#store.put(content);
    this.#kept = best([...this.#kept, { number: trial.number, values, hash }], this.#directions);
    this.#kept.splice(this.#limit);
  }
}

/** The best trials that have a checkpoint, the best first. */
export function topCheckpoints(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  limit: number,
): CheckpointedTrial[] {
  const candidates = trials.flatMap((trial) => {
    const hash = checkpointHash(trial.systemAttrs);
    if (trial.state !== 'complete' || !trial.values || !isFeasible(trial) || hash === null)
      return [];
    return [{ number: trial.number, values: trial.values, hash }];
  });
  return best(candidates, directions).slice(0, limit);
}

/** The best first: by domination, then by the first objective, then the earlier one. */
function best(
  trials: readonly CheckpointedTrial[],
  directions: readonly StudyDirection[],
): CheckpointedTrial[] {
  const signs = directions.map((direction) => (direction === 'minimize' ? 1 : -1));
  const points = Float64Array.from(
    trials.flatMap(({ values }) => values.map((value, k) => value * (signs[k] ?? 1))),
  );
  const ranks = nondominationRanks(points, directions.length);
  const lossOf = (i: number): number => points[i * directions.length] as number;
  return [...trials.keys()]
    .sort(
      (a, b) =>
        (ranks[a] as number) - (ranks[b] as number) ||
        lossOf(a) - lossOf(b) ||
        (trials[a]?.number ?? 0) - (trials[b]?.number ?? 0),
    )
    .map((i) => trials[i] as CheckpointedTrial);
}

function checkpointHash(systemAttrs: Attrs): string | null {
  const key = Object.keys(systemAttrs).find((name) => /^artifacts:[0-9a-f]{64}$/.test(name));
  return key ? key.slice(ARTIFACT_PREFIX.length) : null;
}

/** What some study of the file would miss; all else may be deleted. */
export async function referencedFiles(
  storage: Storage,
  { without }: { without?: number } = {},
): Promise<Set<string>> {
  const hashes = new Set<string>();
  for (const study of await storage.getStudies()) {
    if (study.studyId === without) continue;
    const trials = await storage.getTrials(study.studyId, ['complete', 'running', 'waiting']);
    const finished = trials.filter(({ state }) => state === 'complete');
    const top = topCheckpoints(finished, study.directions, checkpointLimit(study));
    for (const { hash } of top) hashes.add(hash);
    for (const { state, systemAttrs } of trials) {
      const hash = checkpointHash(systemAttrs);
      if (state !== 'complete' && hash !== null) hashes.add(hash);
    }
    for (const [key, value] of Object.entries(study.systemAttrs))
      if (key.startsWith(MODEL_PREFIX))
        for (const [hash] of JSON.stringify(value).matchAll(/\b[0-9a-f]{64}\b/g)) hashes.add(hash);
  }
  return hashes;
}

/** Brings what the studies of a file refer to, and what another file has, to that file. One that is damaged stays where it is. */
export async function copyNetworks(
  library: Library,
  fromStorageId: string,
  toStorageId: string,
): Promise<void> {
  const [from, to] = [library.modelFolder(fromStorageId), library.modelFolder(toStorageId)];
  if (from === null || to === null || from === to) return;
  const [source, target] = [new ModelStore(from), new ModelStore(to)];
  const [there, here] = [await source.sizes(), await target.sizes()];
  for (const hash of await referencedFiles(library.storage(toStorageId))) {
    if (!there.has(hash) || here.has(hash)) continue;
    const content = await source.get(hash).catch(() => null);
    if (content) await target.put(content);
  }
}

/** How many checkpoints the study keeps; what a newer Parzen's spec says is not known here, so nothing of it may be lost. */
function checkpointLimit(study: FrozenStudy): number {
  try {
    if (!hasSpec(study)) return 0;
    const spec = specOf(study);
    return isProgramStudy(spec) ? 0 : spec.checkpoints;
  } catch {
    return Infinity;
  }
}
