import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

describe('data', () => {
  it('tells how far a spec’s table is read, and gives up when nobody waits for it', async () => {
    const path = join(temporaryFolder(), 'spec.csv');
    writeFileSync(path, `a,b\n${'1.25,x\n2.5,y\n'.repeat(400_000)}`);
    const services = await startServices();
    const data = { table: path, task: 'classification', target: 'b' };
    const ask = (signal: AbortSignal) => services.handlers['specs.default']({ data }, { signal });
    const [first, second] = [new AbortController(), new AbortController()];
    const told = nextEvent(services, 'data.progress');
    const asked = [ask(first.signal), ask(second.signal)];
    expect(await told).toMatchObject({ table: path, bytesTotal: 4 + 13 * 400_000 });
    first.abort(new Error('not needed'));
    second.abort(new Error('not needed'));
    for (const answer of asked) await expect(answer).rejects.toThrow('not needed');
    // Asked for again it is read again.
    const again = new AbortController();
    expect(await ask(again.signal)).toMatchObject({ data: { target: 'b' } });
  });

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
    writeFileSync(path, 'Größe;Preis\n1,5;2\n2,5;x\n1.003,5;4\n', 'latin1');
    const services = await startServices();
    const told = nextEvent(services, 'data.progress');
    const profile = await services.handlers['data.profile']({ table: path }, call);
    expect(profile).toMatchObject({
      table: path,
      path,
      title: 'sales',
      nRows: 3,
      format: {
        delimiter: ';',
        encoding: 'windows-1252',
        decimal: ',',
        thousands: '.',
        hasHeader: true,
      },
    });
    expect(profile.columns[0]).toMatchObject({ name: 'Größe', min: 1.5, max: 1003.5 });
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

  it('reads large tables in a thread, gives up when aborted, and says what is wrong with one', async () => {
    const path = join(temporaryFolder(), 'large.csv');
    writeFileSync(path, `a,b\n${'1.25,some text\n'.repeat(800_000)}`);
    const services = await startServices();
    const read = (signal: AbortSignal) =>
      services.handlers['data.profile']({ table: path }, { signal });
    const abort = new AbortController();
    const told = nextEvent(services, 'data.progress');
    const profiling = read(abort.signal);
    const { bytesDone, bytesTotal, rowsDone } = await told;
    expect(bytesDone).toBeLessThan(bytesTotal);
    expect(rowsDone).toBeGreaterThan(0);
    abort.abort(new Error('given up'));
    await expect(profiling).rejects.toThrow('given up');
    expect(await read(call.signal)).toMatchObject({ nRows: 800_000 });
    const spec = {
      name: 'large',
      data: {
        table: path,
        task: 'regression',
        target: 'b',
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      },
      network: { width: [4] },
      training: { optimizer: { type: 'adam', learningRate: 0.1 }, epochs: 2 },
    };
    await expect(services.handlers['studies.create']({ spec }, call)).rejects.toMatchObject({
      code: 'INVALID_TABLE',
      message: expect.stringContaining('row 0, column "b" must be a number, but is "some text"'),
    });
  });

  it('ends when it is aborted', async () => {
    const { handlers } = await startServices();
    const context = { signal: AbortSignal.abort(new Error('given up')) };
    await expect(handlers['data.profile']({ table: 'iris' }, context)).rejects.toThrow('given up');
  });
});
