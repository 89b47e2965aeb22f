import type { SpecProblem } from '../contract/specs.ts';
import { messageOf } from '../training/errors.ts';
import { goalsOf } from '../training/objectives-of.ts';
import type { SpaceParam } from '../training/search-space.ts';
import type { StudySpec } from '../training/spec.ts';
import { containsInternal, isSingle, toInternal, type ParamValue } from '../tuner/distributions.ts';
import type { SourceResult } from '../tuner/samplers/cma-es/cma-es-sampler.ts';
import { samplers } from '../tuner/samplers/registry.ts';

type Values = Readonly<Record<string, unknown>>;
type Path = SpecProblem['path'];

/** Samplers whose options are about the search space itself, so that they are checked against it. */
const checkedAgainstSpace = ['grid', 'brute-force', 'partial-fixed', 'cma-es'];

/** Whether a spec's sampler can be judged only by who knows the search space. */
export function needsSpace({ sampler }: StudySpec): boolean {
  return checkedAgainstSpace.includes(sampler.type);
}

/**
 * What the sampler of a spec would fail at in its first trial.
 *
 * @param params What trials are asked for, as far as it is known.
 * @param nCombinations null: unknown.
 */
export function samplerIssues(
  spec: StudySpec,
  params: readonly SpaceParam[],
  nCombinations: number | null,
): SpecProblem[] {
  const { type, options } = spec.sampler;
  return issuesOf(type, options, {
    nObjectives: goalsOf(spec).length,
    params,
    nCombinations,
    typeAt: ['sampler', 'type'],
    optionsAt: ['sampler', 'options'],
  });
}

interface Place {
  readonly nObjectives: number;
  readonly params: readonly SpaceParam[];
  readonly nCombinations: number | null;
  readonly typeAt: Path;
  readonly optionsAt: Path;
}

function issuesOf(name: string, options: Values, place: Place): SpecProblem[] {
  const { nObjectives, params, nCombinations, typeAt, optionsAt } = place;
  const entry = samplers.find((one) => one.name === name);
  if (!entry) return [];
  const issues: SpecProblem[] = [];
  if (!entry.supports.multiObjective && nObjectives > 1)
    issues.push({
      path: typeAt,
      message: `must be another one for several objectives: ${entry.title} knows one only.`,
    });
  if (name === 'brute-force' && nCombinations === Infinity)
    issues.push({
      path: typeAt,
      message:
        'must be another one for continuous ranges: brute force tries every combination. Give each range a step, or choices.',
    });
  if (name === 'grid')
    issues.push(...gridIssues((options.searchSpace ?? {}) as Values, params, optionsAt));
  if (name === 'cma-es' && Array.isArray(options.source))
    issues.push(...sourceIssues(options.source as readonly SourceResult[], params, optionsAt));
  if (name === 'partial-fixed') issues.push(...partIssues(options, place));
  return issues;
}

function gridIssues(grid: Values, params: readonly SpaceParam[], optionsAt: Path): SpecProblem[] {
  const path = [...optionsAt, 'searchSpace'];
  return params.flatMap((param): SpecProblem[] => {
    const { name } = param;
    if (!Object.hasOwn(grid, name))
      return [
        { path, message: `must name the values of every parameter, but not those of "${name}".` },
      ];
    return (grid[name] as readonly ParamValue[]).flatMap((value, i) =>
      valueIssues(param, value, [...path, name, i]),
    );
  });
}

/** A warm start needs one result at least whose numbers this study could have too; what only some trials have is not waited for. */
function sourceIssues(
  source: readonly SourceResult[],
  params: readonly SpaceParam[],
  optionsAt: Path,
): SpecProblem[] {
  const numbers = params.filter(
    ({ condition, distribution }) =>
      condition === null && distribution.type !== 'categorical' && !isSingle(distribution),
  );
  // Alone, one is left to the sampler of the rest.
  if (numbers.length < 2) return [];
  const isUsable = (result: SourceResult): boolean =>
    numbers.every(({ name, distribution }) => {
      const value = Object.hasOwn(result.params, name) ? result.params[name] : undefined;
      return typeof value === 'number' && containsInternal(distribution, value);
    });
  if (source.some(isUsable)) return [];
  const names = numbers.map(({ name }) => name).join(', ');
  const message = `must have a result with ${names} in the ranges of this study, but has none. Begin where a study of the same parameters was, or leave it out.`;
  return [{ path: [...optionsAt, 'source'], message }];
}

/** The fixed values, and what is wrong with the sampler of the others. */
function partIssues(options: Values, place: Place): SpecProblem[] {
  const fixed = (options.fixedParams ?? {}) as Readonly<Record<string, ParamValue>>;
  const issues = place.params.flatMap((param) =>
    Object.hasOwn(fixed, param.name)
      ? valueIssues(param, fixed[param.name] as ParamValue, [
          ...place.optionsAt,
          'fixedParams',
          param.name,
        ])
      : [],
  );
  const base = options.base as { readonly type: string; readonly options?: Values };
  const at = [...place.optionsAt, 'base'];
  const params = place.params.filter((param) => !Object.hasOwn(fixed, param.name));
  const isContinuous = params.some(
    ({ distribution: { type, ...range } }) =>
      type === 'float' && 'step' in range && range.step === null && range.low !== range.high,
  );
  return [
    ...issues,
    ...issuesOf(base.type, base.options ?? {}, {
      ...place,
      params,
      nCombinations: isContinuous ? Infinity : null,
      typeAt: [...at, 'type'],
      optionsAt: [...at, 'options'],
    }),
  ];
}

/** A value of another kind fails every trial that gets it; one out of range is used, with a warning. */
function valueIssues({ name, distribution }: SpaceParam, value: ParamValue, path: Path) {
  try {
    toInternal(distribution, value);
    return [];
  } catch (error) {
    return [{ path, message: `must be a value of "${name}". ${messageOf(error)}` }];
  }
}
