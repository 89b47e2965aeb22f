/**
 * What parent and training child say to each other over the IPC channel (structured clone: typed arrays, NaN and infinities survive).
 * Both sides derive their types from here.
 */
import type { Distribution, ParamValue } from '../tuner/distributions.ts';
import { TunerError } from '../tuner/errors.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import type { Checkpoint, KeepWeights } from './checkpoint.ts';
import type { BackendDecision, BackendRequest } from './choose-backend.ts';
import type { TrainingData } from './datasets/dataset.ts';
import type { BatchEnd, EpochBatch } from './epoch-batch.ts';
import type { TrialFailure } from './errors.ts';
import type { NetworkStudySpec } from './spec.ts';
import type { DeclaredSpace } from './suggest-space.ts';

/** What each kind of objective needs once per child, before its first trial. */
interface ObjectiveSetups {
  network: {
    readonly spec: NetworkStudySpec;
    readonly data: TrainingData;
    readonly backend: BackendRequest;
  };
  module: {
    readonly path: string;
    /** Of the module that the user wants to run. */
    readonly sha256: string;
    readonly space: DeclaredSpace;
  };
  command: {
    readonly command: readonly string[];
    readonly folder: string;
    /** How long the command may take to end when asked. */
    readonly graceMs: number;
    readonly space: DeclaredSpace;
  };
}

export type ObjectiveKind = keyof ObjectiveSetups;

/** What a child of one kind is given. */
export type SetupOf<Kind extends ObjectiveKind> = ObjectiveSetups[Kind] & {
  readonly objective: Kind;
  /** The study's: what is random in a trial derives from it. */
  readonly seed: number;
  /** The child gives a trial up when its process takes more; null: no limit. */
  readonly memoryLimitBytes: number | null;
};

/** What a child needs once, before its first trial. */
export type WorkerSetup = { [Kind in ObjectiveKind]: SetupOf<Kind> }[ObjectiveKind];

/** The trial as far as the parent knows it when it starts: names in `params` are not asked for again. */
export interface TrialStart {
  readonly number: number;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  /** @default false */
  readonly keepWeights?: KeepWeights;
  /** See `ObjectiveRun`. */
  readonly nEpochs?: number;
}

/** What a trial in the child asks of its parent. */
export interface TrialCalls {
  suggest: { args: { name: string; distribution: Distribution }; result: ParamValue };
  report: { args: { value: number; step: number }; result: null };
  shouldPrune: { args: Record<never, never>; result: boolean };
  reportAndShouldPrune: { args: { value: number; step: number }; result: boolean };
  setUserAttr: { args: { key: string; value: AttrValue }; result: null };
  setSystemAttr: { args: { key: string; value: AttrValue }; result: null };
  setConstraint: { args: { key: string; value: number }; result: null };
}

export type TrialCall = {
  [Method in keyof TrialCalls]: { method: Method; args: TrialCalls[Method]['args'] };
}[keyof TrialCalls];

/** An error in a form that crosses the border. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly stack: string | null;
}

/** User attributes that are known only when the trial ends, and travel with its outcome. */
export type LastWords = Readonly<Record<string, AttrValue>>;

export type Outcome =
  | {
      readonly state: 'complete';
      readonly values: number | readonly number[];
      readonly checkpoint: Checkpoint | null;
      readonly userAttrs: LastWords;
    }
  | { readonly state: 'pruned'; readonly message: string; readonly userAttrs: LastWords }
  | { readonly state: 'cancelled' }
  | { readonly state: 'fail'; readonly failure: TrialFailure; readonly error: WireError };

export type ParentMessage =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'run'; readonly trial: TrialStart }
  | { readonly type: 'cancel' }
  | { readonly type: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly error: WireError }
  /** To a batch of epochs with reports; an end of null: go on. */
  | { readonly type: 'answer'; readonly id: number; readonly end: BatchEnd | null };

export type ChildMessage =
  | { readonly type: 'ready'; readonly decision: BackendDecision | null }
  | { readonly type: 'unready'; readonly error: WireError }
  | { readonly type: 'call'; readonly id: number; readonly call: TrialCall }
  | { readonly type: 'epochs'; readonly batch: EpochBatch }
  | { readonly type: 'finished'; readonly outcome: Outcome };

/** The child's end of the channel. On the wire messages go in lists of one or more, both ways. */
export interface ChildPort {
  send(message: ChildMessage): void;
  onMessage(listener: (message: ParentMessage) => void): void;
}

export function toWireError(thrown: unknown): WireError {
  if (!(thrown instanceof Error))
    return { name: 'Error', message: String(thrown), code: null, stack: null };
  const { code } = thrown as { code?: unknown };
  return {
    name: thrown.name,
    message: thrown.message,
    code: typeof code === 'string' ? code : null,
    stack: thrown.stack ?? null,
  };
}

/** Of an error with a code comes one of the tuner's kind, so that whoever shows it knows that it was foreseen. */
export function fromWireError({ name, message, code, stack }: WireError): Error {
  const error = code === null ? new Error(message) : new TunerError(code, message);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return error;
}
