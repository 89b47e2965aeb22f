/**
 * Every error the tuner throws on purpose. `code` is stable and crosses process borders; messages
 * give the rule, then the value, then the way out where there is one.
 */
export class TunerError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An argument breaks a rule of the function it was given to. */
export class InvalidArgumentError extends TunerError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_ARGUMENT', message, options);
  }
}

/** A study of that name exists already in the storage. */
export class DuplicatedStudyError extends TunerError {
  constructor(studyName: string) {
    super(
      'DUPLICATED_STUDY',
      `A study named "${studyName}" already exists. Choose another name, or load it (loadIfExists: true).`,
    );
  }
}

/** No study with that name or id is in the storage. */
export class StudyNotFoundError extends TunerError {
  /** @param formerName How a study that is given by its id was called when it was seen last. */
  constructor(study: string | number, formerName?: string) {
    super(
      'STUDY_NOT_FOUND',
      typeof study === 'string'
        ? `No study is named "${study}" in this storage.`
        : formerName === undefined
          ? `No study has the id ${study} in this storage. It may have been deleted.`
          : `The study "${formerName}" is no longer in this storage.`,
    );
  }
}

/** No trial with that id or number is in the storage or study. */
export class TrialNotFoundError extends TunerError {
  constructor(message: string) {
    super('TRIAL_NOT_FOUND', message);
  }
}

/** A write was attempted on a trial that has finished; finished trials never change. */
export class UpdateFinishedTrialError extends TunerError {
  constructor(trialNumber: number, state: string) {
    super(
      'UPDATE_FINISHED_TRIAL',
      `Trial ${trialNumber} has finished (${state}) and cannot be changed any more.`,
    );
  }
}

/** The storage could not do what was asked: unreadable file, foreign schema, lock, full disk. */
export class StorageError extends TunerError {
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

export const storageErrorCodes = [
  'STORAGE_NOT_A_DATABASE',
  'STORAGE_NOT_OPTUNA',
  'STORAGE_TOO_NEW',
  'STORAGE_TOO_OLD',
  'STORAGE_NEEDS_MIGRATION',
  'STORAGE_READ_ONLY',
  'STORAGE_LOCKED',
  'STORAGE_FULL',
  'STORAGE_NOT_FOUND',
  'STORAGE_CLOSED',
  'STORAGE_FAILED',
] as const;
export type StorageErrorCode = (typeof storageErrorCodes)[number];

/**
 * The signal an objective throws to say that its trial should be given up as `pruned`. Not an error:
 * the study catches it, keeps the last reported value and goes on.
 */
export class TrialPruned extends Error {
  constructor(message = 'Trial was pruned.') {
    super(message);
    this.name = 'TrialPruned';
  }
}
