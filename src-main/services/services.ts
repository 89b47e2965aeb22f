import { cpus } from 'node:os';
import type { Handlers } from '../contract/contract.ts';
import type { SystemInfo } from '../contract/system.ts';
import { analysisHandlers } from './analysis.ts';
import { appHandlers, AppRequests } from './app.ts';
import { dataHandlers } from './data.ts';
import { EventHub, type EventListener } from './events.ts';
import { Library, libraryHandlers, type OpenStorage, type PickPath } from './library.ts';
import { notesHandlers } from './notes.ts';
import { Runs, runsHandlers } from './runs.ts';
import { Settings, settingsHandlers } from './settings.ts';
import { specsHandlers } from './specs.ts';
import { studiesHandlers } from './studies.ts';
import { trialsHandlers } from './trials.ts';

export interface ServicesOptions {
  readonly openStorage: OpenStorage;
  /** The library's own study file; created when it is missing. ':memory:' keeps nothing. */
  readonly libraryPath: string;
  /** Where settings and recent files are remembered; null: nowhere. */
  readonly settingsPath: string | null;
  readonly shell: SystemInfo['shell'];
  readonly appVersion: string;
  readonly logPath: string | null;
  /** Asks the user for a path; null where there are no native dialogs. */
  readonly pickPath: PickPath | null;
}

export interface Services {
  readonly handlers: Handlers;
  readonly library: Library;
  readonly runs: Runs;
  readonly requests: AppRequests;
  readonly settings: Settings;
  /** @returns A function that ends the subscription. */
  onEmit(listener: EventListener): () => void;
  /** Puts running trials back into the queue and closes all files. */
  close(): Promise<void>;
}

/** The main side of the program: answers the contract with tuner and training. Desktop, browser mode and command line share it. */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const hub = new EventHub();
  const settings = new Settings(options.settingsPath);
  const library = new Library({
    openStorage: options.openStorage,
    hub,
    settings,
    defaultPath: options.libraryPath,
  });
  settings.onChange = (changed) => hub.emit('settings.changed', changed);
  const runs = new Runs(library, hub, settings);
  const requests = new AppRequests(hub, library);
  await library.openDefault();
  return {
    library,
    runs,
    requests,
    settings,
    handlers: {
      ...libraryHandlers(library, {
        settings,
        pickPath: options.pickPath,
        assertNoRun: (storageId) => runs.assertNoRunIn(storageId),
      }),
      ...studiesHandlers(library, runs, hub),
      ...specsHandlers(library),
      ...trialsHandlers(library, hub),
      ...notesHandlers(library, hub),
      ...runsHandlers(runs),
      ...analysisHandlers(library),
      ...appHandlers(requests),
      ...settingsHandlers(settings),
      ...dataHandlers(hub),
      'system.info': async () => systemInfo(options),
    },
    onEmit: (listener) => hub.onEmit(listener),
    async close() {
      await runs.close();
      await library.close();
    },
  };
}

function systemInfo(options: ServicesOptions): SystemInfo {
  const { node, v8, electron, chrome } = process.versions;
  return {
    appVersion: options.appVersion,
    shell: options.shell,
    platform: `${process.platform} ${process.arch}`,
    versions: { node, v8, ...(electron ? { electron } : {}), ...(chrome ? { chrome } : {}) },
    nCores: cpus().length,
    hasNativeDialogs: options.pickPath !== null,
    libraryPath: options.libraryPath,
    logPath: options.logPath,
  };
}
