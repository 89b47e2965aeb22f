import type { Distribution } from '../tuner/distributions.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../tuner/distributions.ts';
import { InvalidArgumentError } from '../tuner/errors.ts';
import { createPruner } from '../tuner/pruners/registry.ts';
import { createSampler } from '../tuner/samplers/registry.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { loadStudy, type Study } from '../tuner/study/study.ts';
import { OWNER } from '../tuner/system-attrs.ts';
import type { FrozenTrial, TrialState } from '../tuner/trial/frozen-trial.ts';
import { hasSpec, specOf } from './study-attrs.ts';

/** The study with the sampler and pruner of its spec, or the default ones. */
export async function loadStudyWithSpec(
  storage: Storage,
  studyName: string,
  sampler?: { type: string; options?: Record<string, unknown> },
): Promise<Study> {
  const frozen = await storage.getStudy(await storage.getStudyId(studyName));
  const spec = hasSpec(frozen) ? specOf(frozen) : null;
  const chosen = sampler ?? spec?.sampler;
  return loadStudy({
    storage,
    studyName,
    ...(chosen ? { sampler: createSampler(chosen.type, chosen.options) } : {}),
    ...(spec ? { pruner: createPruner(spec.pruner.type, spec.pruner.options) } : {}),
  });
}

/** Starts a trial for a program that computes it elsewhere; it stays running until it is told. */
export async function askTrial(
  study: Study,
  searchSpace: Readonly<Record<string, Distribution>>,
): Promise<FrozenTrial> {
  const { trialId } = await study.ask(searchSpace);
  // This process ends before the trial does, and must not be taken for an owner that died.
  await study.storage.setTrialSystemAttr(trialId, OWNER, null);
  return study.storage.getTrial(trialId);
}

export async function tellTrial(
  study: Study,
  trialNumber: number,
  values: readonly number[] | null,
  options: { state?: TrialState; skipIfFinished?: boolean },
): Promise<FrozenTrial> {
  return study.tell(trialNumber, values, options);
}

/**
 * A search space as `optuna ask --search-space` takes it: parameter -> `{"name": "FloatDistribution", "attributes": {…}}`.
 *
 * @throws InvalidArgumentError naming the parameter and what is wrong.
 */
export function parseSearchSpace(json: string): Record<string, Distribution> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new InvalidArgumentError(`The search space is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new InvalidArgumentError(
      'The search space must be an object: parameter name -> distribution.',
    );
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [name, parseDistribution(name, value)]),
  );
}

function parseDistribution(param: string, value: unknown): Distribution {
  const { name, attributes } = (value ?? {}) as {
    name?: unknown;
    attributes?: Record<string, never>;
  };
  if (typeof attributes !== 'object' || attributes === null)
    throw new InvalidArgumentError(
      `Parameter "${param}" must have \`name\` and \`attributes\`, but got ${JSON.stringify(value)}.`,
    );
  const { low, high, log, step, choices } = attributes;
  switch (name) {
    case 'FloatDistribution':
      return createFloatDistribution(low as never, high as never, { log, step });
    case 'IntDistribution':
      return createIntDistribution(low as never, high as never, { log, step });
    case 'CategoricalDistribution':
      return createCategoricalDistribution(choices ?? []);
    default:
      throw new InvalidArgumentError(
        `The distribution of "${param}" must be FloatDistribution, IntDistribution or CategoricalDistribution, but got ${JSON.stringify(name)}.`,
      );
  }
}
