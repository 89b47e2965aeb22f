import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import { referencedFiles, topCheckpoints } from '../../src-main/services/checkpoints.ts';
import { ModelStore, sha256 } from '../../src-main/services/model-store.ts';
import type { Services } from '../../src-main/services/services.ts';
import { decodeModel } from '../../src-main/training/saved-model.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { frozenTrial } from '../helpers/frozen-trial.ts';
import { requirements } from '../helpers/requirements.ts';
import { call, startServices } from '../helpers/services.ts';

async function runIris(
  services: Services,
  options: { checkpoints?: number; targetTrials?: number } = {},
): Promise<StudyKey> {
  const { checkpoints = 2, targetTrials = 6 } = options;
  const { spec } = loadSpec('iris');
  const key = await services.handlers['studies.create'](
    {
      spec: {
        ...spec,
        checkpoints,
        data: {
          ...spec.data,
          split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
        },
        pruner: { type: 'nop' },
      },
      seed: 3,
    },
    call,
  );
  await services.runs.start(key, { targetTrials });
  await services.runs.ended(key);
  return key;
}

describe('checkpoints of a run', () => {
  it('leaves the networks of the best trials beside the study file, as artifacts of Optuna', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await runIris(services);
    const storage = services.library.storage(key.storageId);
    const trials = await storage.getTrials(key.studyId);
    const top = topCheckpoints(trials, ['maximize'], 2);
    const byValue = trials
      .map(({ number, values }) => ({ number, value: values?.[0] as number }))
      .sort((a, b) => b.value - a.value || a.number - b.number);
    expect(top.map(({ number }) => number)).toEqual(byValue.slice(0, 2).map((it) => it.number));

    const models = join(folder, 'studies.db.models');
    expect(readdirSync(models).sort()).toEqual(top.map(({ hash }) => hash).sort());
    const [best] = top;
    const model = decodeModel(await new ModelStore(models).get(best!.hash));
    expect(model.origin).toMatchObject({ trialNumber: best!.number, rows: 'train' });
    expect(model.classes).toEqual(['setosa', 'versicolor', 'virginica']);
    const trial = trials[best!.number]!;
    expect(model.origin.epoch).toBe(trial.userAttrs.best_epoch);
    expect(JSON.parse(trial.systemAttrs[`artifacts:${best!.hash}`] as string)).toEqual({
      artifact_id: best!.hash,
      filename: `trial-${best!.number}.safetensors`,
      mimetype: 'application/octet-stream',
      encoding: null,
    });
  });

  it('keeps none where the spec or the storage wants none', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    await runIris(services, { checkpoints: 0, targetTrials: 2 });
    expect(existsSync(join(folder, 'studies.db.models'))).toBe(false);
    const { storageId } = await services.handlers['library.openFile']({ path: ':memory:' }, call);
    expect(services.library.modelFolder(storageId)).toBeNull();
  });

  const needs = requirements('python-optuna');
  it.skipIf(needs.missing)(needs.title('are found by Optuna'), async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    await runIris(services, { targetTrials: 3 });
    await services.close();
    const script = `
import optuna, sys
from optuna.artifacts import FileSystemArtifactStore, download_artifact, get_all_artifact_meta
study = optuna.load_study(study_name=None, storage="sqlite:///" + sys.argv[1])
metas = get_all_artifact_meta(study.best_trial, storage=study._storage)
store = FileSystemArtifactStore(sys.argv[1] + ".models")
download_artifact(artifact_store=store, artifact_id=metas[0].artifact_id, file_path=sys.argv[2])
print(metas[0].filename, study.best_trial.number)`;
    const copy = join(folder, 'copy.safetensors');
    const python = process.env.PARZEN_PYTHON ?? 'python3';
    const said = execFileSync(python, ['-c', script, join(folder, 'studies.db'), copy], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said).toMatch(/^trial-(\d+)\.safetensors \1\n$/);
    expect(existsSync(copy)).toBe(true);
  });
});

describe('topCheckpoints', () => {
  const hash = (i: number): string => sha256(Uint8Array.of(i));
  const trial = (number: number, values: number[], more = {}) => ({
    ...frozenTrial({ number, values }),
    systemAttrs: { [`artifacts:${hash(number)}`]: '{}', ...more },
  });

  it('takes the earlier of equals, and no infeasible trial', () => {
    const trials = [
      trial(0, [1]),
      trial(1, [3]),
      trial(2, [3]),
      trial(3, [9], { constraints: [1] }),
    ];
    expect(topCheckpoints(trials, ['maximize'], 3).map(({ number }) => number)).toEqual([1, 2, 0]);
  });

  it('goes by domination where there are several objectives', () => {
    const trials = [trial(0, [5, 5]), trial(1, [1, 9]), trial(2, [4, 4]), trial(3, [9, 1])];
    const top = topCheckpoints(trials, ['minimize', 'minimize'], 3);
    expect(top.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});

describe('ModelStore', () => {
  it('gives back what was put, and notices damage', async () => {
    const store = new ModelStore(join(temporaryFolder(), 'models'));
    const content = Uint8Array.of(1, 2, 3);
    const hash = await store.put(content);
    expect(await store.put(content)).toBe(hash);
    expect(new Uint8Array(await store.get(hash))).toEqual(content);
    expect([...(await store.sizes())]).toEqual([[hash, 3]]);
    writeFileSync(join(store.folder, hash), 'else');
    await expect(store.get(hash)).rejects.toThrow(/is damaged/);
    await expect(store.get(sha256(Uint8Array.of(9)))).rejects.toThrow(/cannot be read/);
  });

  it('deletes orphans and old half written files, and nothing else', async () => {
    const store = new ModelStore(temporaryFolder());
    const [kept, orphan] = [await store.put(Uint8Array.of(1)), await store.put(Uint8Array.of(2))];
    const [old, fresh] = [`${orphan}.1.tmp`, `${orphan}.2.tmp`];
    for (const name of [old, fresh, 'notes.txt']) writeFileSync(join(store.folder, name), 'half');
    const longAgo = Date.now() / 1000 - 3600;
    utimesSync(join(store.folder, old), longAgo, longAgo);
    expect(await store.clean(async () => new Set([kept]))).toEqual({ nFiles: 2, sizeBytes: 5 });
    expect(readdirSync(store.folder).sort()).toEqual([kept, fresh, 'notes.txt'].sort());
  });
});

describe('ModelStore.clean', () => {
  it('leaves alone what is put while it finds out what is referred to', async () => {
    const store = new ModelStore(temporaryFolder());
    const orphan = await store.put(Buffer.from('orphan'));
    let late = '';
    const findReferenced = async (): Promise<Set<string>> => {
      late = await store.put(Buffer.from('of a trial that runs elsewhere'));
      return new Set();
    };
    expect((await store.clean(findReferenced)).nFiles).toBe(1);
    expect(existsSync(join(store.folder, orphan))).toBe(false);
    expect(existsSync(join(store.folder, late))).toBe(true);
  });
});

describe('copying a study into another file', () => {
  it('brings its networks along', async () => {
    const services = await startServices();
    const key = await runIris(services, { targetTrials: 3 });
    const other = await services.handlers['library.openFile'](
      { path: join(temporaryFolder(), 'other.db'), create: true },
      call,
    );
    const toStorageId = other.storageId;
    await services.handlers['studies.copy']({ key, studyName: 'copy', toStorageId }, call);
    const sizesIn = (storageId: string) =>
      new ModelStore(services.library.modelFolder(storageId) as string).sizes();
    expect((await sizesIn(toStorageId)).size).toBe(2);
    expect(await sizesIn(toStorageId)).toEqual(await sizesIn(key.storageId));
  });
});

describe('referencedFiles', () => {
  it('knows those of a copied study too, and of a running trial before its file is there', async () => {
    const services = await startServices();
    const key = await runIris(services, { targetTrials: 3 });
    const storage = services.library.storage(key.storageId);
    const before = await referencedFiles(storage);
    expect(before.size).toBe(2);
    await services.handlers['studies.copy']({ key, studyName: 'copy' }, call);
    await storage.deleteStudy(key.studyId);
    expect(await referencedFiles(storage)).toEqual(before);
    const { studyId } = await storage.getStudy(await storage.getStudyId('copy'));
    const { trialId } = await storage.createTrial(studyId);
    await storage.setTrialSystemAttr(trialId, `artifacts:${'a'.repeat(64)}`, '{}');
    expect(await referencedFiles(storage)).toEqual(new Set([...before, 'a'.repeat(64)]));
  });
});
