import { z } from 'zod';
import type { ParamValue } from '../tuner/distributions.ts';
import { defineCall } from './define.ts';
import { studyKeySchema, type StudyKey } from './library.ts';

/**
 * `running`: trials are being run; `pausing`: no new trial starts, the running ones end; `stopping`: running trials go back to the queue;
 * `paused`, `finished`, `failed`: at rest (`paused` was asked for, `finished` reached its goal, `failed` broke, see `error`).
 */
export const runStates = [
  'starting',
  'running',
  'pausing',
  'stopping',
  'paused',
  'finished',
  'failed',
] as const;
export type RunState = (typeof runStates)[number];

/** One epoch of a running trial. */
export interface EpochReport {
  readonly trialNumber: number;
  /** Counts from 0. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly valLoss: number;
  /** Classification: `trainAccuracy` and `accuracy` (of the validation rows). */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface RunningTrial {
  readonly trialNumber: number;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly startedAtMs: number;
  readonly lastEpoch: EpochReport | null;
}

/** A line of a run's log, such as Optuna's "Trial 3 finished with value: …". */
export interface RunLogLine {
  /** Counts the lines of the study in this session, from 0. */
  readonly index: number;
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly atMs: number;
}

export interface RunStatus {
  readonly key: StudyKey;
  readonly state: RunState;
  /** Finished trials at which the run ends; null: no limit. */
  readonly targetTrials: number | null;
  readonly finishedTrials: number;
  readonly timeoutMs: number | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly jobs: number;
  /** Trials per second over the last ones; null before the first. */
  readonly trialsPerSecond: number | null;
  readonly etaMs: number | null;
  /** Epochs trained in this run. */
  readonly epochs: number;
  /** Trials of this run that took the values of equal ones and were not run. */
  readonly nReused: number;
  /** What trains, and why that: 'wasm', 'tfjs-node', …; null until known. */
  readonly backend: { readonly name: string; readonly reason: string } | null;
  readonly runningTrials: readonly RunningTrial[];
  /** Why it ended by itself, as in "20 trials in a row brought no better value"; null until then. */
  readonly endedBy: { readonly rule: string; readonly reason: string } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What trains: measured and chosen, native TensorFlow, WebAssembly, or plain JavaScript. */
export const backendChoices = ['auto', 'tfjs-node', 'wasm', 'cpu'] as const;

const runOptions = z.strictObject({
  key: studyKeySchema,
  /** Until the study has this many finished trials. @default the spec's */
  targetTrials: z.number().int().positive().optional(),
  timeoutMs: z.number().positive().optional(),
  jobs: z.number().int().min(1).max(64).optional(),
  backend: z.enum(backendChoices).optional(),
  /** The user has seen which program of the study's own will run, and wants it. */
  trust: z.boolean().optional(),
  /** The user has seen that the study's table has changed, and goes on with it. */
  acceptChangedData: z.boolean().optional(),
});

/** The details of `DATA_CHANGED`: how the table differs from the one that the study was created with. */
export interface DataChange {
  readonly table: string;
  /** Null where it was not kept. */
  readonly nRowsBefore: number | null;
  readonly nRowsNow: number;
  readonly columnsGone: readonly string[];
  readonly columnsNew: readonly string[];
}

/** The details of `OBJECTIVE_NOT_TRUSTED`: what would be run. */
export interface UntrustedProgram {
  readonly program:
    | { readonly kind: 'module'; readonly path: string; readonly sha256: string }
    | { readonly kind: 'command'; readonly command: readonly string[]; readonly folder: string };
  /** The user agreed to run this module when it was another. */
  readonly isChanged: boolean;
}

export const runsCalls = {
  /** Starts or resumes. Fails with `RUN_ACTIVE` when it is running already `NO_SPEC` when the study has no spec, and `OBJECTIVE_NOT_TRUSTED` when the user has not agreed to run its program. Fails with `DATA_CHANGED` when its table is another one now and that was not accepted. */
  'runs.start': defineCall<RunStatus>()(runOptions),
  /** Starts no further trial and lets the running ones end. */
  'runs.pause': defineCall<RunStatus>()(z.strictObject({ key: studyKeySchema })),
  /** Puts the running trials back into the queue and ends. */
  'runs.stop': defineCall<RunStatus>()(z.strictObject({ key: studyKeySchema })),
  /**
   * Ends one running trial; the run goes on. The trial is pruned where it has reported something, so that samplers learn from that, and fails
   * otherwise; it is not run again. Fails with `NO_RUN` where this program does not run it.
   */
  'runs.stopTrial': defineCall<RunStatus>()(
    z.strictObject({ key: studyKeySchema, trialNumber: z.number().int().nonnegative() }),
  ),
  'runs.setJobs': defineCall<RunStatus>()(
    z.strictObject({ key: studyKeySchema, jobs: z.number().int().min(1).max(64) }),
  ),
  'runs.setTarget': defineCall<RunStatus>()(
    z.strictObject({ key: studyKeySchema, targetTrials: z.number().int().positive() }),
  ),
  /** The study's run of this session, or null. */
  'runs.get': defineCall<RunStatus | null>()(z.strictObject({ key: studyKeySchema })),
  /** What the study's runs of this session said last, the oldest line first; some hundred lines. */
  'runs.log': defineCall<readonly RunLogLine[]>()(z.strictObject({ key: studyKeySchema })),
};

export interface RunsEvents {
  'run.changed': RunStatus;
  /** Every epoch of every running trial, live: all that came in one go, each trial's in order, before its trial is told to have ended. */
  'run.epochs': { readonly key: StudyKey; readonly epochs: readonly EpochReport[] };
  'run.log': { readonly key: StudyKey } & RunLogLine;
}
