import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

describe('data', () => {
  it('lists the built-in tables as they are', async () => {
    const { handlers } = await startServices();
    const tables = await handlers['data.tables']({}, call);
    expect(tables).toHaveLength(5);
    for (const { name, nRows, nColumns, target, task } of tables) {
      const profile = await handlers['data.profile']({ table: name }, call);
      expect([profile.nRows, profile.columns.length]).toEqual([nRows, nColumns]);
      expect(profile.suggested).toEqual({ target, task });
      expect(profile).toMatchObject({ table: name, path: null, nProblems: 0 });
    }
  });

  it('profiles a file, and tells how far it is', async () => {
    const path = join(temporaryFolder(), 'sales.csv');
    writeFileSync(path, 'Größe;Preis\n1,5;2\n2,5;x\n3;4\n', 'latin1');
    const services = await startServices();
    const told = nextEvent(services, 'data.progress');
    const profile = await services.handlers['data.profile']({ table: path }, call);
    expect(profile).toMatchObject({
      table: path,
      path,
      title: 'sales',
      nRows: 3,
      format: { delimiter: ';', encoding: 'windows-1252', decimal: ',', hasHeader: true },
    });
    expect(profile.columns[0]).toMatchObject({ name: 'Größe', min: 1.5, max: 3 });
    expect(await told).toMatchObject({ table: path, bytesTotal: profile.sizeBytes });
  });

  it('takes the format that is given', async () => {
    const path = join(temporaryFolder(), 'a.csv');
    writeFileSync(path, 'a;b\n1;2\n');
    const { handlers } = await startServices();
    const format = { delimiter: ',', hasHeader: false };
    const profile = await handlers['data.profile']({ table: path, format }, call);
    expect(profile.columns.map(({ name }) => name)).toEqual(['column_1']);
    expect(profile.nRows).toBe(2);
  });

  it('ends when it is aborted', async () => {
    const { handlers } = await startServices();
    const context = { signal: AbortSignal.abort(new Error('given up')) };
    await expect(handlers['data.profile']({ table: 'iris' }, context)).rejects.toThrow('given up');
  });
});
