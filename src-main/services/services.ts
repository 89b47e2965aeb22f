import { cpus } from 'node:os';
import type { Handlers } from '../contract/contract.ts';
import type { SystemInfo } from '../contract/system.ts';
import { SpareChildren } from '../training/spare-children.ts';
import { analysisHandlers } from './analysis.ts';
import { appHandlers, AppRequests } from './app.ts';
import { dataHandlers } from './data.ts';
import { ServiceError } from './errors.ts';
import { EventHub, type EventListener } from './events.ts';
import { locateLibrary } from './library-file.ts';
import { Library, libraryHandlers, type OpenStorage, type PickPath } from './library.ts';
import { notesHandlers } from './notes.ts';
import { Models, modelsHandlers } from './models.ts';
import { Runs, runsHandlers } from './runs.ts';
import { Settings, settingsHandlers } from './settings.ts';
import { specsHandlers } from './specs.ts';
import { studiesHandlers } from './studies.ts';
import { trialsHandlers } from './trials.ts';
import { TrustedPrograms } from './trusted-programs.ts';

export interface ServicesOptions {
  readonly openStorage: OpenStorage;
  /** The library's own study file; created when it is missing. ':memory:' keeps nothing. */
  readonly libraryPath: string;
  /** Whether the settings may name another folder for it. @default false */
  readonly canMoveLibrary?: boolean;
  /** Whether the files that were open the last time are opened again, after the library. @default false */
  readonly reopensFiles?: boolean;
  /** Where settings and recent files are remembered; null: nowhere. */
  readonly settingsPath: string | null;
  /** Where it is remembered which programs of the user's own may be run; null: nowhere. */
  readonly trustedPath: string | null;
  readonly shell: SystemInfo['shell'];
  readonly appVersion: string;
  readonly logPath: string | null;
  /** Asks the user for a path; null where there are no native dialogs. */
  readonly pickPath: PickPath | null;
  /** Shows a file in the system's file manager. @default none: it cannot be done */
  readonly revealFile?: (path: string) => void;
}

export interface Services {
  readonly handlers: Handlers;
  readonly library: Library;
  readonly runs: Runs;
  readonly models: Models;
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
  const { path: libraryPath, problem: libraryProblem } = locateLibrary(
    options.libraryPath,
    options.canMoveLibrary ? options.settingsPath : null,
  );
  const library = new Library({
    openStorage: options.openStorage,
    hub,
    settings,
    defaultPath: libraryPath,
  });
  settings.onChange = (changed) => hub.emit('settings.changed', changed);
  const trusted = new TrustedPrograms(options.trustedPath);
  const spares = new SpareChildren();
  const runs = new Runs(library, hub, settings, trusted, spares);
  const models = new Models(library, runs, hub, settings, spares);
  const requests = new AppRequests(hub, library);
  await library.openDefault();
  const reopened = options.reopensFiles ? library.reopen() : Promise.resolve();
  return {
    library,
    runs,
    models,
    requests,
    settings,
    handlers: {
      ...libraryHandlers(library, {
        settings,
        pickPath: options.pickPath,
        canMove: options.canMoveLibrary ?? false,
        assertNoRun(storageId) {
          runs.assertNoRunIn(storageId);
          models.assertNoJobIn(storageId);
        },
      }),
      ...studiesHandlers(library, runs, hub),
      ...specsHandlers(library, hub),
      ...trialsHandlers(library, runs, hub),
      ...notesHandlers(library, hub),
      ...runsHandlers(runs),
      ...analysisHandlers(library, hub),
      ...modelsHandlers(models),
      ...appHandlers(requests),
      ...settingsHandlers(settings),
      ...dataHandlers(hub),
      ...systemHandlers(options, library, libraryProblem),
    },
    onEmit: (listener) => hub.onEmit(listener),
    async close() {
      await Promise.all([runs.close(), models.close()]);
      await spares.close();
      await reopened;
      await library.close();
    },
  };
}

function systemHandlers(
  options: ServicesOptions,
  library: Library,
  libraryProblem: string | null,
): Pick<Handlers, 'system.info' | 'system.reveal'> {
  return {
    'system.info': async () => ({
      ...systemInfo(options),
      libraryPath: library.defaultStorageId,
      libraryProblem,
    }),
    'system.reveal': async ({ what }) => {
      const path = what === 'log' ? options.logPath : library.defaultStorageId;
      if (!options.revealFile || path === null)
        throw new ServiceError('NOT_AVAILABLE', 'Files can be shown in the desktop app only.');
      options.revealFile(path);
    },
  };
}

function systemInfo(options: ServicesOptions): Omit<SystemInfo, 'libraryPath' | 'libraryProblem'> {
  const { node, v8, electron, chrome } = process.versions;
  return {
    appVersion: options.appVersion,
    shell: options.shell,
    platform: `${process.platform} ${process.arch}`,
    versions: { node, v8, ...(electron ? { electron } : {}), ...(chrome ? { chrome } : {}) },
    nCores: cpus().length,
    hasNativeDialogs: options.pickPath !== null,
    canMoveLibrary: options.canMoveLibrary ?? false,
    logPath: options.logPath,
    canReveal: options.revealFile !== undefined,
  };
}
