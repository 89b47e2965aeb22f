/** Studies that another program made know no objective. They can be given one of the user's own, and then go on here. */
import { goalsOf } from '../training/objectives-of.ts';
import { declaredSpace } from '../training/search-space.ts';
import { loadSpec, type LoadedSpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import { checkCompatible } from '../tuner/distributions.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { loadStudy } from '../tuner/study/study.ts';
import { metricNames, METRIC_NAMES, SEED } from '../tuner/system-attrs.ts';
import { ServiceError } from './errors.ts';
import { selfContained } from './new-study.ts';
import { hasSpec, SPEC, specOf } from './study-attrs.ts';

/**
 * Gives a study an own objective: a module or a command that its further trials run. Its trials, name and directions stay, so Optuna can go on with it
 * too. Nothing is run; that takes the user's consent as for every program of a study.
 *
 * @param source A spec with `run`, or the path of one; its name is not used.
 * @throws ServiceError `OBJECTIVE_DOES_NOT_FIT` when the study trains networks, or has other directions, and InvalidArgumentError when a parameter that
 *   the spec declares is another one in the study's trials.
 */
export async function giveObjective(
  storage: Storage,
  studyId: number,
  source: LoadedSpec | string,
): Promise<void> {
  const { spec, baseDir } = typeof source === 'string' ? loadSpec(source) : source;
  const study = await storage.getStudy(studyId);
  const { studyName, directions } = study;
  if (hasSpec(study) && !isProgramStudy(specOf(study)))
    throw new ServiceError(
      'OBJECTIVE_DOES_NOT_FIT',
      `Only a study without a spec, or of an own objective, can be given one, but "${studyName}" trains networks. Create another study.`,
    );
  const { ownSpec } = await selfContained(spec, baseDir);
  if (!isProgramStudy(ownSpec))
    throw new ServiceError(
      'OBJECTIVE_DOES_NOT_FIT',
      `The spec must name a program under \`run\`, but "${spec.name}" trains networks.`,
    );
  const goals = goalsOf(ownSpec);
  const given = goals.map(({ direction }) => direction);
  if (given.join() !== directions.join())
    throw new ServiceError(
      'OBJECTIVE_DOES_NOT_FIT',
      `The objective must have the directions of "${studyName}", ${directions.join(', ')}, but the spec has ${given.join(', ')}. Change \`objective\` in the spec.`,
    );
  const trials = await storage.getTrials(studyId);
  for (const { name, distribution } of declaredSpace(ownSpec.space).params) {
    const known = trials.findLast(({ distributions }) => Object.hasOwn(distributions, name));
    if (known) checkCompatible(name, known.distributions[name] ?? distribution, distribution);
  }
  // As all that is random derives from it when the study is loaded without one.
  const { seed } = await loadStudy({ storage, studyName });
  await storage.setStudySystemAttr(studyId, SEED, seed);
  if (metricNames(study.systemAttrs) === null)
    await storage.setStudySystemAttr(
      studyId,
      METRIC_NAMES,
      goals.map(({ name }) => name),
    );
  await storage.setStudySystemAttr(
    studyId,
    SPEC,
    JSON.parse(JSON.stringify({ ...ownSpec, name: studyName })),
  );
}
