import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import type { StudyKey } from '../../src-main/contract/library.ts';
import type { Services } from '../../src-main/services/services.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';

const fixture = fileURLToPath(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url));

/** Asks for parameters of the study that Optuna ran, as Optuna did, and for a new one. */
const MODULE = `export async function objective(trial) {
  const layers = await trial.suggestInt('n_layers', 1, 3);
  const rate = await trial.suggestFloat('learning_rate', 1e-5, 1e-1, { log: true });
  await trial.suggestFloat('new', 0, 1);
  return 1 / layers - rate;
}
`;

interface Opened {
  readonly services: Services;
  readonly key: StudyKey;
  readonly folder: string;
}

async function openOptunaFile(): Promise<Opened> {
  const folder = temporaryFolder();
  const file = join(folder, 'optuna.db');
  copyFileSync(fixture, file);
  writeFileSync(join(folder, 'objective.mjs'), MODULE);
  const services = await startServices();
  const { storageId } = await services.handlers['library.openFile']({ path: file }, call);
  const [study] = await services.library.storage(storageId).getStudies();
  return { services, folder, key: { storageId, studyId: study?.studyId ?? -1 } };
}

const specOf = (folder: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'any',
  run: { module: join(folder, 'objective.mjs') },
  objective: { name: 'accuracy', direction: 'maximize' },
  sampler: { type: 'tpe' },
  stop: { trials: 53 },
  ...more,
});

describe('studies.giveObjective', () => {
  it('lets a study of Optuna’s go on here, with its trials as they are', async () => {
    const { services, key, folder } = await openOptunaFile();
    const { handlers, library, runs } = services;
    const storage = library.storage(key.storageId);
    const before = await storage.getTrials(key.studyId);
    const { studyName } = await storage.getStudy(key.studyId);
    expect(before).toHaveLength(50);

    await handlers['studies.giveObjective']({ key, spec: specOf(folder) }, call);
    const { summary, spec } = await handlers['studies.get']({ key }, call);
    expect(summary).toMatchObject({ studyName, isRunnable: true });
    expect(spec).toMatchObject({ name: studyName });
    // To be given an objective is not yet to run it.
    await expect(handlers['runs.start']({ key }, call)).rejects.toMatchObject({
      code: 'OBJECTIVE_NOT_TRUSTED',
    });
    await handlers['runs.start']({ key, trust: true }, call);
    await runs.run(key).ended;
    const after = await storage.getTrials(key.studyId);
    expect(after.slice(0, 50)).toEqual(before);
    expect(after.slice(50).map(({ number, state }) => [number, state])).toEqual([
      [50, 'complete'],
      [51, 'complete'],
      [52, 'complete'],
    ]);
    for (const { params } of after.slice(50))
      expect(Object.keys(params).sort()).toEqual(['learning_rate', 'n_layers', 'new']);
  });

  it('refuses other directions, and parameters that are others in the study', async () => {
    const { services, key, folder } = await openOptunaFile();
    const give = (spec: Record<string, unknown>): Promise<void> =>
      services.handlers['studies.giveObjective']({ key, spec }, call);
    await expect(
      give(specOf(folder, { objective: { name: 'loss', direction: 'minimize' } })),
    ).rejects.toMatchObject({
      code: 'OBJECTIVE_DOES_NOT_FIT',
      message: expect.stringMatching(/maximize, but the spec has minimize/) as string,
    });
    await expect(
      give(specOf(folder, { space: { learning_rate: { float: [1e-5, 1e-1] } } })),
    ).rejects.toThrow(/"learning_rate" must keep its kind/);
    expect((await services.handlers['studies.get']({ key }, call)).spec).toBeNull();
  });

  it('leaves studies that train networks to their networks', async () => {
    const { services, folder } = await openOptunaFile();
    const key = await services.handlers['studies.create']({ spec: 'iris' }, call);
    await expect(
      services.handlers['studies.giveObjective']({ key, spec: specOf(folder) }, call),
    ).rejects.toMatchObject({ code: 'OBJECTIVE_DOES_NOT_FIT' });
  });
});
