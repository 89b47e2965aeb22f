import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AppCommand } from '../../src-main/contract/app.ts';
import type { Services } from '../../src-main/services/services.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

const fixture = fileURLToPath(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url));

const take = ({ handlers }: Services) => handlers['app.takeRequests']({}, call);
const offer = ({ handlers }: Services, ...commands: AppCommand[]) =>
  handlers['app.offerCommands']({ commands }, call);

describe('AppRequests', () => {
  it('asks for a tab that the page has, and no other', async () => {
    const services = await startServices();
    await services.handlers['app.offerCommands']({ commands: [], tabs: ['One', 'Two'] }, call);
    services.requests.showTab(1);
    services.requests.showTab(2);
    services.requests.showTab(-1);
    expect(await take(services)).toEqual([{ type: 'tab', index: 1 }]);
  });

  it('keeps a file to show for the page that comes, and gives it once', async () => {
    const services = await startServices();
    const path = join(temporaryFolder(), 'optuna.db');
    copyFileSync(fixture, path);
    const { storageId } = await services.library.open(path);
    await services.requests.showFile(storageId);
    expect(await take(services)).toEqual([{ type: 'open', storageId, studyId: 1 }]);
    expect(await take(services)).toEqual([]);
  });

  it('names no study of a file with none or several', async () => {
    const services = await startServices();
    const { storageId } = await services.library.openDefault();
    await services.requests.showFile(storageId);
    await services.handlers['studies.create']({ spec: 'iris', seed: 1 }, call);
    const second = await services.handlers['studies.create']({ spec: 'iris', seed: 2 }, call);
    await services.requests.showFile(storageId);
    services.requests.showStudy(second);
    expect(await take(services)).toEqual([
      { type: 'open', storageId, studyId: null },
      { type: 'open', storageId, studyId: null },
      { type: 'open', storageId, studyId: second.studyId },
    ]);
  });

  it('refuses to show a file that is not open', async () => {
    const { requests } = await startServices();
    await expect(requests.showFile('/nowhere.db')).rejects.toMatchObject({ code: 'FILE_NOT_OPEN' });
  });

  it('tells a page that there is something to take', async () => {
    const services = await startServices();
    await offer(services, 'showLibrary');
    const told = nextEvent(services, 'app.requested');
    services.requests.command('showLibrary');
    expect(await told).toEqual({});
    expect(await take(services)).toEqual([{ type: 'command', command: 'showLibrary' }]);
  });

  it('passes on only what the page offers', async () => {
    const services = await startServices();
    const told: AppCommand[][] = [];
    services.requests.onOffer = ({ commands }) => void told.push([...commands]);
    await offer(services, 'exportCsv');
    await offer(services, 'exportCsv');
    services.requests.command('pauseRun');
    services.requests.command('exportCsv');
    await offer(services, 'pauseRun', 'stopRun');
    services.requests.command('exportCsv');
    expect(told).toEqual([['exportCsv'], ['pauseRun', 'stopRun']]);
    expect(await take(services)).toEqual([{ type: 'command', command: 'exportCsv' }]);
  });

  it('forgets what a page could do and was asked to do when it is gone, not what it was to show', async () => {
    const services = await startServices();
    const told: AppCommand[][] = [];
    const { storageId } = await services.library.openDefault();
    await services.requests.showFile(storageId);
    await offer(services, 'exportCsv');
    services.requests.command('exportCsv');
    services.requests.onOffer = ({ commands }) => void told.push([...commands]);
    services.requests.forgetPage();
    services.requests.command('exportCsv');
    expect(told).toEqual([[]]);
    expect(await take(services)).toMatchObject([{ type: 'open' }]);
  });
});
