/** Where a study's sampler begins because of what another study found: CMA-ES alone knows how. */
import { isBetter } from '../tuner/study/direction.ts';
import type { CategoricalChoice } from '../tuner/distributions.ts';
import { goalsOf } from '../training/objectives-of.ts';
import type { StudySpec } from '../training/spec.ts';
import { InvalidArgumentError } from '../tuner/errors.ts';
import type { StudyOfStorage } from './new-study.ts';

/** Best trials that are kept with the new study, of which the sampler takes the best tenth. */
const MAX_RESULTS = 1000;

/**
 * The spec with the results of another study in its sampler's options: kept there, as that study may change or go.
 *
 * @throws InvalidArgumentError where the sampler is not CMA-ES, the other study has another direction or several, or has no complete trial.
 */
export async function withWarmStart(
  spec: StudySpec,
  { storage, studyId }: StudyOfStorage,
): Promise<StudySpec> {
  const { type, options } = spec.sampler;
  if (type !== 'cma-es')
    throw new InvalidArgumentError(
      `The sampler must be cma-es to begin where another study was good, but is ${type}.`,
    );
  const { studyName, directions } = await storage.getStudy(studyId);
  const [goal] = goalsOf(spec);
  const [direction, ...others] = directions;
  if (!direction || direction !== goal?.direction || others.length > 0)
    throw new InvalidArgumentError(
      `The study to begin from must have the direction ${goal?.direction}, but "${studyName}" has ${directions.join(', ')}.`,
    );
  const source = (await storage.getTrials(studyId, ['complete']))
    .map(({ params, values }) => ({ params: plain(params), value: values?.[0] as number }))
    // JSON, which the spec is kept as, has no infinity.
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => (a.value === b.value ? 0 : isBetter(direction, a.value, b.value) ? -1 : 1))
    .slice(0, MAX_RESULTS);
  if (source.length === 0)
    throw new InvalidArgumentError(
      `The study to begin from must have complete trials with finite values, but "${studyName}" has none.`,
    );
  return { ...spec, sampler: { type, options: { ...options, source } } };
}

/** Numeric parameters alone are what CMA-ES samples. */
function plain(params: Readonly<Record<string, CategoricalChoice>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(params).filter(
      (entry): entry is [string, number] =>
        typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  );
}
