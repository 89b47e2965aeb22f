/** All calls and events, the one list that dispatcher, transports and clients derive their types from. */
import { analysisCalls, type AnalysisEvents } from './analysis.ts';
import { appCalls, type AppEvents } from './app.ts';
import { dataCalls, type DataEvents } from './data.ts';
import type { CallInput, CallOutput } from './define.ts';
import { libraryCalls, type LibraryEvents } from './library.ts';
import { notesCalls } from './notes.ts';
import { modelsCalls, type ModelsEvents } from './models.ts';
import { runsCalls, type RunsEvents } from './runs.ts';
import { settingsCalls, type SettingsEvents } from './settings.ts';
import { specsCalls } from './specs.ts';
import { studiesCalls, type StudiesEvents } from './studies.ts';
import { systemCalls } from './system.ts';
import { trialsCalls, type TrialsEvents } from './trials.ts';

export const calls = {
  ...libraryCalls,
  ...studiesCalls,
  ...trialsCalls,
  ...specsCalls,
  ...notesCalls,
  ...runsCalls,
  ...analysisCalls,
  ...modelsCalls,
  ...systemCalls,
  ...appCalls,
  ...settingsCalls,
  ...dataCalls,
};

export type Calls = typeof calls;
export type CallName = keyof Calls;
export type InputOf<Name extends CallName> = CallInput<Calls[Name]>;
export type OutputOf<Name extends CallName> = CallOutput<Calls[Name]>;

export type Events = LibraryEvents &
  StudiesEvents &
  TrialsEvents &
  RunsEvents &
  ModelsEvents &
  AppEvents &
  SettingsEvents &
  DataEvents &
  AnalysisEvents;
export type EventName = keyof Events;

/** The names of all events, for transports that subscribe to them one by one. */
export const eventNames = [
  'library.changed',
  'study.changed',
  'study.deleted',
  'trials.changed',
  'run.changed',
  'run.epochs',
  'run.log',
  'model.changed',
  'app.requested',
  'settings.changed',
  'data.progress',
  'analysis.progress',
] as const satisfies readonly EventName[];

/** The main side: one function per call. What it throws becomes a `WireError`. */
export type Handlers = {
  readonly [Name in CallName]: (
    input: InputOf<Name>,
    context: CallContext,
  ) => Promise<OutputOf<Name>>;
};

export interface CallContext {
  /** Aborted when the caller gave up or went away. */
  readonly signal: AbortSignal;
}

/** How the main side tells all windows something. */
export type Emit = <Name extends EventName>(name: Name, payload: Events[Name]) => void;
