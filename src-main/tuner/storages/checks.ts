/** The rules of `storage.ts` about what may be written, for every storage alike. All throw InvalidArgumentError unless they say otherwise. */
import { toExternal, type Distribution } from '../distributions.ts';
import { InvalidArgumentError, TrialNotFoundError, UpdateFinishedTrialError } from '../errors.ts';
import { studyDirections, type StudyDirection } from '../study/direction.ts';
import { isFinished, type FrozenTrial, type TrialState } from '../trial/frozen-trial.ts';

const MAX_NAME_LENGTH = 512;

export function checkDirections(directions: readonly StudyDirection[]): void {
  if (directions.length === 0)
    throw new InvalidArgumentError('A study must have at least one direction, but got none.');
  for (const direction of directions)
    if (!studyDirections.includes(direction))
      throw new InvalidArgumentError(
        `A direction must be 'minimize' or 'maximize', but got '${String(direction)}'.`,
      );
}

export function checkStudyName(studyName: string): void {
  if (typeof studyName !== 'string' || studyName === '')
    throw new InvalidArgumentError(
      `The name of a study must be a text of 1 to ${MAX_NAME_LENGTH} characters, but got ${JSON.stringify(studyName)}.`,
    );
  checkNameLength('name of a study', studyName);
}

/** A name no other study has, of Optuna's form. */
export function createStudyName(): string {
  return `no-name-${crypto.randomUUID()}`;
}

/** Also when the value is NaN, or the index of a choice that is not there. */
export function checkParam(name: string, internalValue: number, distribution: Distribution): void {
  checkNameLength('name of a parameter', name);
  if (typeof internalValue !== 'number' || Number.isNaN(internalValue))
    throw new InvalidArgumentError(
      `The value of the parameter "${name}" must be a number and not NaN, but got ${internalValue}.`,
    );
  toExternal(distribution, internalValue);
}

export function checkStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new InvalidArgumentError(`\`step\` must be a whole number >= 0, but got ${step}.`);
}

export function checkFinish(state: TrialState, values: readonly number[] | null): void {
  if (!isFinished(state))
    throw new InvalidArgumentError(
      `A trial can only be finished as 'complete', 'pruned' or 'fail', but got '${state}'.`,
    );
  checkValues(values);
}

export function checkValues(values: readonly number[] | null): void {
  if (values?.some((value) => typeof value !== 'number' || Number.isNaN(value)))
    throw new InvalidArgumentError(
      `The values of a trial must be numbers and not NaN, but got [${values.join(', ')}].`,
    );
}

/** @throws UpdateFinishedTrialError when it has finished. */
export function checkUpdatable(trial: Pick<FrozenTrial, 'number' | 'state'>): void {
  if (isFinished(trial.state)) throw new UpdateFinishedTrialError(trial.number, trial.state);
}

export function checkDeletable(trial: Pick<FrozenTrial, 'number' | 'state'>): void {
  if (trial.state === 'running')
    throw new InvalidArgumentError(
      `A running trial cannot be deleted, but trial ${trial.number} is running. Let it end, or put it back, first.`,
    );
}

export function notDeleted({
  trialId,
  number,
}: Pick<FrozenTrial, 'trialId' | 'number'>): TrialNotFoundError {
  return new TrialNotFoundError(
    `Only a deleted trial can be put back, but no trial with the id ${trialId} and the number ${number} was deleted from this study.`,
  );
}

export function trialNotFound(trialId: number): TrialNotFoundError {
  return new TrialNotFoundError(`No trial has the id ${trialId}.`);
}

export function trialNumberNotFound(trialNumber: number): TrialNotFoundError {
  return new TrialNotFoundError(`The study has no trial with the number ${trialNumber}.`);
}

function checkNameLength(what: string, name: string): void {
  if (name.length <= MAX_NAME_LENGTH) return;
  const length = [...name].length;
  if (length > MAX_NAME_LENGTH)
    throw new InvalidArgumentError(
      `The ${what} must have at most ${MAX_NAME_LENGTH} characters, but got ${length}: "${name.slice(0, 40)}…".`,
    );
}
