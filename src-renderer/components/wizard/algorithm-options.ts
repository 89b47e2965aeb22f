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
      case 'number':
        return option.default !== undefined;
      default:
        return true;
    }
  });
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
