import type { RegistryEntry } from '../../../src-main/contract/analysis.ts';
import type { SpecParam } from '../../../src-main/contract/specs.ts';
import type { GridOption, OptionSpec, ParamsOption } from '../../../src-main/tuner/options.ts';
import { gridStart } from '../../wizard/grid-start.ts';
import { defaultValues, type FormOption } from '../common/option-form.ts';

/** Options that are given by parameter, where the entry cannot do without them. */
export function paramOptions({
  options,
}: Pick<RegistryEntry, 'options'>): (GridOption | ParamsOption)[] {
  return (options as readonly OptionSpec[]).filter(
    (option): option is GridOption | ParamsOption =>
      option.type === 'grid' || (option.type === 'params' && option.default === undefined),
  );
}

/** Whether a form can ask all that the entry cannot do without: what is given by parameter only where these are known. */
export function offerable(
  entry: Pick<RegistryEntry, 'options'>,
  params: readonly SpecParam[] = [],
): boolean {
  return params.length > 0 || paramOptions(entry).length === 0;
}

/** What options given by parameter begin with. */
export function paramStart(
  { type }: GridOption | ParamsOption,
  params: readonly SpecParam[],
): Record<string, unknown> {
  return type === 'grid'
    ? Object.fromEntries(params.map(({ name, distribution }) => [name, gridStart(distribution)]))
    : {};
}

/** An entry as it is chosen: with an empty list of options where one has to be given, so that the check asks for that one. */
export function beginWith(
  type: string,
  entries: readonly RegistryEntry[],
): { type: string; options?: Record<string, never> } {
  const options = (entries.find(({ name }) => name === type)?.options ??
    []) as readonly OptionSpec[];
  const isAsked = options.some((one) => one.type === 'number' && one.default === undefined);
  return isAsked ? { type, options: {} } : { type };
}

/** Options without those that are at their default. */
export function changedOptions(
  fields: readonly FormOption[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const defaults = defaultValues(fields);
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== defaults[name]),
  );
}
