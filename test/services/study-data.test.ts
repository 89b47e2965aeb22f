import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type { Services } from '../../src-main/services/services.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';

function write(path: string, nRows: number, header = 'a;b;y'): void {
  const rows = Array.from({ length: nRows }, (_, i) => `${i},5;${(i * 7) % 10};${'uv'[i % 2]}`);
  writeFileSync(path, `${[header, ...rows].join('\n')}\n`);
}

function create(services: Services, table: string, split?: object): Promise<StudyKey> {
  const spec = {
    name: 'sales',
    data: {
      table,
      task: 'classification',
      target: 'y',
      split: split ?? { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
    },
    network: { width: [4] },
    training: { optimizer: { type: 'adam', learningRate: { float: [0.001, 0.1] } }, epochs: 2 },
    sampler: { type: 'random' },
  };
  return services.handlers['studies.create']({ spec, seed: 1 }, call);
}

async function run(services: Services, key: StudyKey, more: object = {}): Promise<unknown> {
  const { handlers, runs } = services;
  const { finishedTrials } = (await handlers['runs.get']({ key }, call)) ?? { finishedTrials: 0 };
  await handlers['runs.start']({ key, targetTrials: finishedTrials + 1, ...more }, call);
  return runs.ended(key);
}

describe('a study whose table changes', () => {
  it('says what changed, and goes on only when that is accepted', async () => {
    const table = join(temporaryFolder(), 'sales.csv');
    write(table, 40);
    const services = await startServices();
    const key = await create(services, table);
    expect(await run(services, key)).toMatchObject({ state: 'finished', finishedTrials: 1 });

    write(table, 50, 'a;c;y');
    const refusal = await run(services, key).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'DATA_CHANGED',
      message: `The table "${table}" is not the one this study was created with: it has 50 rows in place of 40, no longer the columns b, the new columns c. Trials before and after could not be compared: put the old table back, or create a new study. Or go on with it knowingly.`,
      details: { nRowsBefore: 40, nRowsNow: 50, columnsGone: ['b'], columnsNew: ['c'] },
    });
    const accepted = await run(services, key, { acceptChangedData: true });
    expect(accepted).toMatchObject({ state: 'finished', finishedTrials: 2 });
    // It is the study's table from now on.
    expect(await run(services, key)).toMatchObject({ state: 'finished', finishedTrials: 3 });
    const { systemAttrs } = await services.handlers['studies.get']({ key }, call);
    expect(systemAttrs['parzen:data_changes']).toMatchObject([{ to: expect.any(String) }]);
  });

  it('says so also where the table cannot be used any more', async () => {
    const table = join(temporaryFolder(), 'sales.csv');
    write(table, 40);
    const services = await startServices();
    const key = await create(services, table);
    write(table, 40, 'a;b;z');
    await expect(run(services, key, { acceptChangedData: true })).rejects.toThrow(
      /`data.target` must name columns of sales.csv, but there is no "y".*The table is not the one this study was created with\.$/,
    );
    rmSync(table);
    await expect(run(services, key)).rejects.toThrow(/There is no table/);
  });
});

describe('a study', () => {
  it('keeps the format that its table was found to have', async () => {
    const table = join(temporaryFolder(), 'sales.csv');
    write(table, 40);
    const services = await startServices();
    const key = await create(services, table);
    const { spec } = await services.handlers['studies.get']({ key }, call);
    expect(spec?.data).toMatchObject({
      format: { delimiter: ';', quote: '"', encoding: 'utf-8', decimal: ',', hasHeader: true },
    });
  });

  it('trains once per fold where its rows are split into folds', async () => {
    const table = join(temporaryFolder(), 'sales.csv');
    write(table, 40);
    const services = await startServices();
    const key = await create(services, table, { folds: 3, test: 0.1 });
    expect(await run(services, key)).toMatchObject({ state: 'finished', epochs: 6 });
    const storage = services.library.storage(key.storageId);
    const [trial] = await storage.getTrials(key.studyId);
    const reported = [...(trial?.intermediateValues.values() ?? [])];
    expect(reported).toHaveLength(3);
    expect(trial?.values?.[0]).toBeCloseTo(reported.reduce((sum, x) => sum + x, 0) / 3, 12);
    expect(trial?.userAttrs).toMatchObject({ fold_values: reported, epochs: 6 });
    expect(trial?.systemAttrs['terminator:cv_scores']).toEqual(reported);
  });
});
