import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, describe, expect, it } from 'vitest';
import { openStorage } from '../../src-main/open-storage.ts';
import { createServices, type Services } from '../../src-main/services/services.ts';
import { createDispatch } from '../../src-main/transports/dispatcher.ts';
import { eventually } from '../helpers/eventually.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call } from '../helpers/services.ts';

async function start(folder: string, reopensFiles = false): Promise<Services> {
  const services = await createServices({
    openStorage,
    libraryPath: join(folder, 'usual', 'studies.db'),
    canMoveLibrary: true,
    reopensFiles,
    settingsPath: join(folder, 'settings.json'),
    trustedPath: null,
    shell: 'browser',
    appVersion: '0.0.0',
    logPath: null,
    pickPath: null,
  });
  onTestFinished(() => services.close());
  return services;
}

const names = async ({ handlers }: Services): Promise<string[]> =>
  (await handlers['library.get']({}, call)).studies.map(({ studyName }) => studyName);
const create = ({ handlers }: Services, studyName: string) =>
  handlers['studies.create']({ spec: 'iris', studyName }, call);
const moveTo = ({ handlers }: Services, folder: string, useExisting?: boolean) =>
  handlers['library.moveTo']({ folder, useExisting }, call);

describe('library.moveTo', () => {
  it('moves the file with what lies beside it, and finds it the next time', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'one');
    const usual = join(folder, 'usual', 'studies.db');
    mkdirSync(`${usual}.models`);
    writeFileSync(join(`${usual}.models`, 'weights'), 'w');
    writeFileSync(join(folder, 'usual', 'other.txt'), 'not ours');
    const target = join(folder, 'new');
    mkdirSync(target);

    const moved = await moveTo(services, target);
    expect(moved).toMatchObject({ path: join(target, 'studies.db'), isDefault: true });
    expect(existsSync(usual)).toBe(false);
    expect(existsSync(`${usual}.models`)).toBe(false);
    expect(existsSync(join(folder, 'usual', 'other.txt'))).toBe(true);
    expect(readFileSync(join(target, 'studies.db.models', 'weights'), 'utf8')).toBe('w');
    expect(await names(services)).toEqual(['one']);
    await create(services, 'two');
    expect((await services.handlers['system.info']({}, call)).libraryPath).toBe(moved.path);
    await services.close();

    const again = await start(folder);
    expect((await names(again)).sort()).toEqual(['one', 'two']);
    expect(existsSync(usual)).toBe(false);
  });

  it('takes a library that is there already only when that was said, and leaves the old one open', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'old');
    const target = join(folder, 'new');
    mkdirSync(target);
    const there = await openStorage(join(target, 'studies.db'), { create: true });
    await there.createStudy(['minimize'], 'there');
    await there.close();

    await expect(moveTo(services, target)).rejects.toMatchObject({ code: 'LIBRARY_EXISTS' });
    expect(services.library.defaultStorageId).toBe(join(folder, 'usual', 'studies.db'));
    await moveTo(services, target, true);
    expect(services.library.defaultStorageId).toBe(join(target, 'studies.db'));
    expect((await names(services)).sort()).toEqual(['old', 'there']);
    expect(existsSync(join(folder, 'usual', 'studies.db'))).toBe(true);
  });

  it.each([
    ['is not there', 'nowhere'],
    ['is a file', 'file'],
  ])('refuses a folder that %s, and goes on as before', async (_title, name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const services = await start(folder);
    await create(services, 'one');
    await expect(moveTo(services, join(folder, name))).rejects.toMatchObject({
      code: 'MOVE_FAILED',
    });
    expect(await names(services)).toEqual(['one']);
  });

  it('does not move a file that another program has open', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'one');
    const other = await openStorage(join(folder, 'usual', 'studies.db'));
    await other.createStudy(['minimize'], 'from elsewhere');
    await services.handlers['library.get']({}, call);
    const target = join(folder, 'new');
    mkdirSync(target);
    await expect(moveTo(services, target)).rejects.toMatchObject({
      code: 'MOVE_FAILED',
      message: expect.stringContaining('another program') as string,
    });
    await other.close();
    expect(existsSync(join(target, 'studies.db'))).toBe(false);
    expect((await names(services)).sort()).toEqual(['from elsewhere', 'one']);
  });

  it('leaves what it cannot copy over alone', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'one');
    const target = join(folder, 'new');
    mkdirSync(target);
    writeFileSync(join(folder, 'usual', 'studies.db.notes'), 'mine');
    writeFileSync(join(target, 'studies.db.notes'), 'other');
    await expect(moveTo(services, target)).rejects.toMatchObject({ code: 'MOVE_FAILED' });
    expect(readFileSync(join(target, 'studies.db.notes'), 'utf8')).toBe('other');
    expect(existsSync(join(target, 'studies.db'))).toBe(false);
    expect(await names(services)).toEqual(['one']);
  });

  it('neither fills nor removes a folder of networks that is there already', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'one');
    for (const [at, name] of [
      ['usual', 'ours'],
      ['new', 'theirs'],
    ] as const) {
      mkdirSync(join(folder, at, 'studies.db.models'), { recursive: true });
      writeFileSync(join(folder, at, 'studies.db.models', name), name);
    }
    await expect(moveTo(services, join(folder, 'new'))).rejects.toMatchObject({
      code: 'MOVE_FAILED',
      message: expect.stringContaining('is there already') as string,
    });
    expect(readdirSync(join(folder, 'new'))).toEqual(['studies.db.models']);
    expect(readdirSync(join(folder, 'new', 'studies.db.models'))).toEqual(['theirs']);
    expect(readdirSync(join(folder, 'usual', 'studies.db.models'))).toEqual(['ours']);
    expect(await names(services)).toEqual(['one']);
  });

  it('takes no folder whose place depends on where the program was started', async () => {
    const services = await start(temporaryFolder());
    await expect(moveTo(services, 'docs')).rejects.toMatchObject({
      message: expect.stringContaining('whole path') as string,
    });
  });

  it('refuses while a study in it runs', async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    const key = await create(services, 'one');
    await services.handlers['runs.start']({ key, targetTrials: 10_000 }, call);
    const target = join(folder, 'new');
    mkdirSync(target);
    await expect(moveTo(services, target)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
  });

  it.each([
    ['missing', false],
    ['empty, as where a drive is not mounted', true],
  ])('does not make an empty library where the chosen folder is %s', async (_title, isThere) => {
    const folder = temporaryFolder();
    const services = await start(folder);
    const target = join(folder, 'drive');
    mkdirSync(target);
    await create(services, 'one');
    await moveTo(services, target);
    await services.close();
    rmSync(target, { recursive: true });
    if (isThere) mkdirSync(target);

    const again = await start(folder);
    const info = await again.handlers['system.info']({}, call);
    expect(info.libraryProblem).toContain(target);
    expect(info.libraryPath).toBe(join(folder, 'usual', 'studies.db'));
    expect(existsSync(join(target, 'studies.db'))).toBe(false);
    expect(existsSync(target)).toBe(isThere);
  });
});

describe('files that were open', () => {
  it('are open the next time, but for those that were closed or are gone', async () => {
    const folder = temporaryFolder();
    const services = await start(folder, true);
    const paths = ['a.db', 'b.db', 'c.db'].map((name) => join(folder, name));
    for (const path of paths)
      await services.handlers['library.openFile']({ path, create: true }, call);
    await services.handlers['library.closeFile']({ storageId: paths[1] as string }, call);
    await services.close();
    rmSync(paths[2] as string);

    const open = async ({ handlers }: Services): Promise<string[]> =>
      (await handlers['library.get']({}, call)).storages
        .filter(({ isDefault }) => !isDefault)
        .map(({ path }) => path);
    const again = await start(folder, true);
    await eventually(async () => expect(await open(again)).toEqual([paths[0]]));
    await again.close();
    expect(await open(await start(folder))).toEqual([]);
  });
});

// Links need a right of their own there.
it.skipIf(process.platform === 'win32')(
  'shows a library in which the place of a file cannot be looked at any more',
  async () => {
    const folder = temporaryFolder();
    const services = await start(folder);
    await create(services, 'one');
    const path = join(folder, 'other.db');
    await services.handlers['library.openFile']({ path, create: true }, call);
    rmSync(path);
    symlinkSync(path, path);
    const { storages } = await services.handlers['library.get']({}, call);
    expect(storages.find((storage) => storage.path === path)?.sizeBytes).toBe(0);
    expect(await names(services)).toEqual(['one']);
  },
);

describe('system.reveal', () => {
  it('shows nothing but the library and the log, and only where there is a file manager', async () => {
    const folder = temporaryFolder();
    const shown: string[] = [];
    const services = await createServices({
      openStorage,
      libraryPath: join(folder, 'studies.db'),
      settingsPath: null,
      shell: 'desktop',
      appVersion: '0.0.0',
      logPath: join(folder, 'parzen.log'),
      trustedPath: null,
      pickPath: null,
      revealFile: (path) => void shown.push(path),
    });
    onTestFinished(() => services.close());
    const dispatch = createDispatch(services.handlers, { warn: () => {}, error: () => {} });
    for (const what of ['log', 'library']) await dispatch('system.reveal', { what }, call.signal);
    expect(shown).toEqual([join(folder, 'parzen.log'), join(folder, 'studies.db')]);
    expect(await dispatch('system.reveal', { what: '/etc/passwd' }, call.signal)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_INPUT' },
    });
    const browser = await start(temporaryFolder());
    await expect(browser.handlers['system.reveal']({ what: 'log' }, call)).rejects.toMatchObject({
      code: 'NOT_AVAILABLE',
    });
    expect(shown).toHaveLength(2);
  });
});

describe('settings.json', () => {
  it('keeps what a program beside this one has stored', async () => {
    const folder = temporaryFolder();
    const [first, second] = [await start(folder), await start(folder)];
    const target = join(folder, 'new');
    mkdirSync(target);
    await second.close();
    await first.handlers['settings.set']({ theme: 'dark' }, call);
    await moveTo(first, target);
    second.settings.change({ jobs: 2 });
    const stored = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as object;
    expect(stored).toEqual({ user: { theme: 'dark', jobs: 2 }, libraryFolder: target });
  });
});
