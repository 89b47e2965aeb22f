import type { RegistryEntry } from '../../../src-main/contract/analysis.ts';
import type { OptionSpec } from '../../../src-main/tuner/options.ts';
import { defaultValues, type FormOption } from '../common/option-form.ts';

/** Whether a form can ask all that the entry cannot do without. */
export function offerable({ options }: Pick<RegistryEntry, 'options'>): boolean {
  return (options as readonly OptionSpec[]).every((option) => {
    switch (option.type) {
      case 'grid':
        return false;
      case 'params':
        return option.default === null;
      default:
        return true;
    }
  });
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
