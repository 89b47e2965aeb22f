import { TunerError } from '../tuner/errors.ts';

/** One broken rule of a study spec. */
export interface SpecIssue {
  /** Where, e.g. `training.optimizer.learningRate.float[1]`; empty for the document itself. */
  readonly path: string;
  /** The rule, what was got instead, and the way out where there is one. */
  readonly message: string;
}

/** A study spec breaks one or more rules; all of them are in `issues` and in the message. */
export class SpecError extends TunerError {
  readonly issues: readonly SpecIssue[];

  constructor(source: string, issues: readonly SpecIssue[]) {
    super(
      'INVALID_SPEC',
      `${source} is not a valid study spec:\n${issues
        .map(({ path, message }) => `  - ${path === '' ? message : `\`${path}\`: ${message}`}`)
        .join('\n')}`,
    );
    this.issues = issues;
  }
}

/** A table cannot be used as the spec asks: unreadable, malformed, a missing column, a bad cell. */
export class TableError extends TunerError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_TABLE', message, options);
  }
}

/** No backend, or not the one asked for, can be had on this machine. */
export class BackendError extends TunerError {
  constructor(message: string, options?: ErrorOptions) {
    super('BACKEND_UNAVAILABLE', message, options);
  }
}

export const trialFailures = ['exception', 'crash', 'timeout', 'memory', 'stopped'] as const;
export type TrialFailure = (typeof trialFailures)[number];

/**
 * A trial ended without a result because its objective threw or its process ended. The study goes on;
 * `reason` is what the trial's user attribute `error` holds.
 */
export class TrialFailedError extends TunerError {
  readonly failure: TrialFailure;

  constructor(failure: TrialFailure, reason: string, options?: ErrorOptions) {
    super('TRIAL_FAILED', reason, options);
    this.failure = failure;
  }
}

/** No training process comes up, which is no trial's fault: the run ends. */
export class TrainingStartError extends TunerError {
  constructor(message: string, options?: ErrorOptions) {
    super('TRAINING_START_FAILED', message, options);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
