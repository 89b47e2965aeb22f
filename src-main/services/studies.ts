import { rename, rm, writeFile } from 'node:fs/promises';
import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { BuiltInStudy } from '../contract/studies.ts';
import { builtInSpecs, loadSpec, parseSpec, type LoadedSpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import { copyStudy } from '../tuner/study/study.ts';
import { SEED, checkAttr } from '../tuner/system-attrs.ts';
import { trialsToCsv } from '../tuner/trials-csv.ts';
import { annotationsOf, copyAnnotations } from './annotations.ts';
import { copyNetworks } from './checkpoints.ts';
import { tellProgress } from './data.ts';
import { ServiceError } from './errors.ts';
import { giveObjective } from './given-objective.ts';
import type { EventHub } from './events.ts';
import type { Library } from './library.ts';
import type { Runs } from './runs.ts';
import { storedSpec } from './study-attrs.ts';
import {
  createStudyFromSpec,
  selfContained,
  trialsToTake,
  type StudyOfStorage,
} from './new-study.ts';

/** The specs in resources/studies. */
function builtInStudies(): BuiltInStudy[] {
  return builtInSpecs().map((name) => {
    const { spec } = loadSpec(name);
    return { name, title: spec.name, description: spec.description ?? '' };
  });
}

type StudiesHandlers = Pick<
  Handlers,
  | 'studies.get'
  | 'studies.builtIn'
  | 'studies.create'
  | 'studies.countTaken'
  | 'studies.giveObjective'
  | 'studies.rename'
  | 'studies.copy'
  | 'studies.delete'
  | 'studies.restore'
  | 'studies.setUserAttr'
  | 'studies.exportCsv'
>;

export function studiesHandlers(library: Library, runs: Runs, hub: EventHub): StudiesHandlers {
  const changed = (key: StudyKey): void => {
    hub.emit('study.changed', { key });
    library.touchStudies();
  };
  const sourceOf = (spec: string | Record<string, unknown>): LoadedSpec | string =>
    typeof spec === 'string' ? spec : { spec: parseSpec(spec), baseDir: process.cwd() };
  const placeOf = ({ storageId, studyId }: StudyKey): StudyOfStorage => ({
    storage: library.storage(storageId),
    studyId,
  });
  return {
    'studies.get': async ({ key }) => {
      const storage = library.storage(key.storageId);
      const study = await storage.getStudy(key.studyId);
      const seed = study.systemAttrs[SEED];
      return {
        summary: await library.summary(key),
        userAttrs: study.userAttrs,
        systemAttrs: study.systemAttrs,
        spec: storedSpec(study),
        seed: typeof seed === 'number' ? seed : null,
        annotations: await annotationsOf(storage, study),
      };
    },
    'studies.builtIn': async () => builtInStudies(),
    'studies.create': async ({
      spec,
      storageId = library.defaultStorageId,
      trialsFrom,
      ...options
    }) => {
      const studyId = await createStudyFromSpec(library.storage(storageId), sourceOf(spec), {
        ...options,
        ...(trialsFrom && { trialsFrom: placeOf(trialsFrom) }),
      });
      library.touchStudies();
      return { storageId, studyId };
    },
    'studies.countTaken': async ({ spec, trialsFrom }, { signal }) => {
      const source = sourceOf(spec);
      const loaded = typeof source === 'string' ? loadSpec(source) : source;
      const onProgress = isProgramStudy(loaded.spec)
        ? undefined
        : tellProgress(hub, loaded.spec.data.table);
      const own = await selfContained(loaded.spec, loaded.baseDir, { signal, onProgress });
      const { trials, nLeft } = await trialsToTake(own, placeOf(trialsFrom));
      return { nTaken: trials.length, nLeft };
    },
    'studies.giveObjective': async ({ key, spec }) => {
      runs.assertNotRunning(key);
      await giveObjective(library.storage(key.storageId), key.studyId, sourceOf(spec));
      changed(key);
    },
    'studies.rename': async ({ key, studyName }) => {
      runs.assertNotRunning(key);
      await library.storage(key.storageId).renameStudy(key.studyId, studyName);
      changed(key);
    },
    'studies.copy': async ({ key, studyName, toStorageId = key.storageId }) => {
      const [from, to] = [library.storage(key.storageId), library.storage(toStorageId)];
      const source = await from.getStudy(key.studyId);
      await copyStudy({ from, to, studyName: source.studyName, newName: studyName });
      const copy = { storageId: toStorageId, studyId: await to.getStudyId(studyName) };
      await copyAnnotations({ storage: from, ...key }, { storage: to, ...copy });
      await copyNetworks(library, key.storageId, toStorageId);
      library.touchStudies();
      return copy;
    },
    'studies.delete': async ({ key }) => {
      runs.assertNotRunning(key);
      await library.deleted.delete(key);
      runs.forget(key);
      hub.emit('study.deleted', { key });
      library.touchStudies();
    },
    'studies.restore': async ({ key }) => {
      await library.deleted.restore(key);
      changed(key);
    },
    'studies.setUserAttr': async ({ key, name, value }) => {
      checkAttr(name, value);
      await library.storage(key.storageId).setStudyUserAttr(key.studyId, name, value);
      changed(key);
    },
    'studies.exportCsv': async ({ key, path, guardFormulas }) => {
      const storage = library.storage(key.storageId);
      const csv = trialsToCsv(
        await storage.getStudy(key.studyId),
        await storage.getTrials(key.studyId),
        {
          guardFormulas,
        },
      );
      if (path === undefined) return csv;
      await writeWhole(path, csv);
      return null;
    },
  };
}

/** Writes the file in one step, so that a failure leaves what was there before. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new ServiceError(
      'EXPORT_FAILED',
      `"${path}" could not be written: ${error instanceof Error ? error.message : String(error)}. Choose another place.`,
      { cause: error },
    );
  }
}
