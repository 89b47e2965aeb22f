import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InputOf } from '../../src-main/contract/contract.ts';
import { defaultSettings } from '../../src-main/contract/settings.ts';
import type { Services } from '../../src-main/services/services.ts';
import { createDispatch } from '../../src-main/transports/dispatcher.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

const get = ({ handlers }: Services) => handlers['settings.get']({}, call);
const set = ({ handlers }: Services, changes: InputOf<'settings.set'>) =>
  handlers['settings.set'](changes, call);

describe('settings', () => {
  it('start as the defaults, change one by one, and are there the next time', async () => {
    const folder = temporaryFolder();
    const first = await startServices(folder);
    expect(await get(first)).toEqual(defaultSettings);
    await set(first, { theme: 'dark' });
    expect(await set(first, { jobs: 3, notifications: undefined })).toEqual({
      ...defaultSettings,
      theme: 'dark',
      jobs: 3,
    });
    await first.close();
    expect(await get(await startServices(folder))).toMatchObject({ theme: 'dark', jobs: 3 });
  });

  it('keep views of the trial table, and refuse what is none', async () => {
    const folder = temporaryFolder();
    const first = await startServices(folder);
    const view = {
      name: 'good',
      studyName: null,
      filters: [
        { kind: 'range' as const, fieldId: 'value:0', min: 0.9, max: null },
        { kind: 'expression' as const, expression: 'x > 1' },
      ],
      sorts: [{ fieldId: 'value:0', isDescending: true }],
      columns: { hidden: ['number'], widths: { state: 90 } },
    };
    await set(first, { views: [view] });
    const dispatch = createDispatch(first.handlers, { warn: () => {}, error: () => {} });
    const [nameless, unknown] = [
      { ...view, name: ' ' },
      { ...view, filters: [{ kind: 'code' }] },
    ];
    for (const wrong of [nameless, unknown])
      expect(await dispatch('settings.set', { views: [wrong] }, call.signal)).toMatchObject({
        ok: false,
        error: { code: 'INVALID_INPUT' },
      });
    await first.close();
    expect((await get(await startServices(folder))).views).toEqual([view]);
  });

  it('tell all windows of a change', async () => {
    const services = await startServices();
    const told = nextEvent(services, 'settings.changed');
    await set(services, { onClose: 'quit' });
    expect(await told).toEqual({ ...defaultSettings, onClose: 'quit' });
  });

  it.each([
    ['no JSON', 'x'],
    ['another thing', 'null'],
    ['a list', '{"user":["dark"]}'],
  ])('are the defaults when the file has %s', async (_title, content) => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'settings.json'), content);
    expect(await get(await startServices(folder))).toEqual(defaultSettings);
  });

  it('keep what can be understood of another version’s file', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    const user = { theme: 'dark', jobs: 1000, backend: 'quantum', preventSleep: true, fontSize: 9 };
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ user }));
    expect(await get(await startServices(folder))).toEqual({
      ...defaultSettings,
      theme: 'dark',
      preventSleep: true,
    });
  });

  it('are kept beside the recent files', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    await services.handlers['library.openFile'](
      { path: join(folder, 'other.db'), create: true },
      call,
    );
    await set(services, { theme: 'light' });
    const stored = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as object;
    expect(stored).toMatchObject({
      user: { theme: 'light' },
      recentFiles: [join(folder, 'other.db')],
    });
  });

  it.each([{ jobs: 0 }, { theme: 'pink' }, { fontSize: 9 }])('refuse %j', async (changes) => {
    const services = await startServices();
    const dispatch = createDispatch(services.handlers, { warn: () => {}, error: () => {} });
    expect(await dispatch('settings.set', changes, call.signal)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_INPUT' },
    });
    expect(await get(services)).toEqual(defaultSettings);
  });
});

describe('settings of runs', () => {
  async function run(services: Services, jobs?: number) {
    const key = await services.handlers['studies.create']({ spec: 'iris', seed: 1 }, call);
    return { key, status: await runAgain(services, key, 2, jobs) };
  }
  async function runAgain(
    services: Services,
    key: InputOf<'runs.start'>['key'],
    targetTrials: number,
    jobs?: number,
  ) {
    await services.handlers['runs.start']({ key, targetTrials, jobs }, call);
    return services.runs.ended(key);
  }

  it('give the number of parallel trials, unless a run names its own', async () => {
    const services = await startServices();
    await set(services, { jobs: 2, backend: 'wasm' });
    expect((await run(services)).status).toMatchObject({ state: 'finished', jobs: 2 });
    expect((await run(services, 1)).status).toMatchObject({ state: 'finished', jobs: 1 });
  });

  it('choose what trains a study that leaves it open, and do not change it half-way', async () => {
    const services = await startServices();
    await set(services, { backend: 'cpu' });
    const { key, status } = await run(services);
    expect(status?.backend?.name).toMatch(/^cpu/);
    const { systemAttrs } = await services.handlers['studies.get']({ key }, call);
    expect(systemAttrs['parzen:backend']).toMatchObject({ reason: status!.backend!.reason });
    const log = await services.handlers['runs.log']({ key }, call);
    expect(log.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Networks are trained by cpu\. As asked for\./),
    );
    await set(services, { backend: 'wasm' });
    const resumed = await runAgain(services, key, 4);
    expect(resumed).toMatchObject({ state: 'finished', finishedTrials: 4 });
    expect(resumed?.backend).toMatchObject({
      name: expect.stringMatching(/^cpu/) as string,
      reason: `Chosen when the study first ran: ${status?.backend?.reason}`,
    });
    expect((await run(services)).status?.backend?.name).toMatch(/^wasm/);
  });
});
