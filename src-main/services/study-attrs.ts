import { parseSpec, type NetworkStudySpec, type StudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import { upgradedSpec } from './stored-spec.ts';

/** System attribute: the spec the study was created from, defaults filled in, paths absolute. */
export const SPEC = 'parzen:spec';
/** System attribute: hash of the table's content when the study was created. */
export const DATA_HASH = 'parzen:data_hash';
/** System attribute: rows and columns of that table. */
export const DATA_FACTS = 'parzen:data';
/** System attribute: when the table was found changed and the user went on with it, a list. */
export const DATA_CHANGES = 'parzen:data_changes';
/** System attribute: backend and engine that `auto` chose when the study first ran, and the reason. */
export const BACKEND = 'parzen:backend';
/** System attribute: prefix of networks that were trained after the search, a `RetrainedModel`, or null when they were deleted. */
export const MODEL_PREFIX = 'parzen:model:';
/** System attribute: that the study was deleted, when, and its name before; see deleted-studies.ts. */
export const DELETED = 'parzen:deleted';
/** System attribute: prefix of one look at the test rows, a `TestResult`. */
export const TEST_PREFIX = 'parzen:test:';
/** System attribute: the best trials run again, `RepeatedTrials`. */
export const REPEATED = 'parzen:repeated';
/** User attribute: the study's tags. */
export const TAGS = 'parzen:tags';

export function hasSpec(study: FrozenStudy): boolean {
  return storedSpec(study) !== null;
}

/** The spec a study was created from, unchecked but in the form of today; null where it has none. */
export function storedSpec({
  systemAttrs,
}: FrozenStudy): Readonly<Record<string, AttrValue>> | null {
  const stored = systemAttrs[SPEC];
  if (typeof stored !== 'object' || stored === null) return null;
  return upgradedSpec(stored as Readonly<Record<string, AttrValue>>);
}

/**
 * The spec a study was created from.
 *
 * @throws ServiceError `NO_SPEC` where it has none; SpecError where it was written by a newer Parzen that knows more.
 */
export function specOf(study: FrozenStudy): StudySpec {
  const stored = storedSpec(study);
  if (stored === null)
    throw new ServiceError(
      'NO_SPEC',
      `The study "${study.studyName}" was not created by Parzen and has no spec, so it can be looked at but not run here. ` +
        'Create a study from a spec, or go on with it in the program that created it.',
    );
  return parseSpec(stored, `The spec of "${study.studyName}"`);
}

/** The spec of a study that trains networks. @throws ServiceError `NO_SPEC` for all others. */
export function networkSpecOf(study: FrozenStudy): NetworkStudySpec {
  const spec = specOf(study);
  if (isProgramStudy(spec))
    throw new ServiceError(
      'NO_SPEC',
      `The study "${study.studyName}" runs an objective of your own, so there is no network that could be trained again or tested here.`,
    );
  return spec;
}
