import { TunerError } from '../tuner/errors.ts';

export const serviceErrorCodes = [
  'RUN_ACTIVE',
  'NO_RUN',
  'NO_SPEC',
  'DATA_CHANGED',
  'FILE_NOT_OPEN',
  'NOT_AVAILABLE',
  'EXPORT_FAILED',
  'SECOND_LOOK',
  'CANCELLED',
  'NOTE_CHANGED',
  'UNDO_EXPIRED',
  'LIBRARY_EXISTS',
  'MOVE_FAILED',
  'OBJECTIVE_NOT_TRUSTED',
  'OBJECTIVE_DOES_NOT_FIT',
  'TRIAL_RUNNING_HERE',
  'TRIALS_KEEP_FAILING',
  'TRIALS_NOT_COMPARABLE',
] as const;
export type ServiceErrorCode = (typeof serviceErrorCodes)[number];

/** What the services refuse by themselves; other errors come from the tuner and training as they are. */
export class ServiceError extends TunerError {
  /** What a window needs to know beside the message; it crosses the wire. */
  readonly details: unknown;

  constructor(
    code: ServiceErrorCode,
    message: string,
    { details, ...options }: ErrorOptions & { details?: unknown } = {},
  ) {
    super(code, message, options);
    this.details = details;
  }
}

/** `code` and `message` of anything thrown. */
export function toErrorInfo(error: unknown): { code: string; message: string } {
  if (error instanceof TunerError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
