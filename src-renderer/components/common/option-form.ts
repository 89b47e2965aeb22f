import type {
  BooleanOption,
  ChoiceOption,
  NumberOption,
  OptionSpec,
} from '../../../src-main/tuner/options.ts';

/** Options that a small form can ask. */
export type FormOption = NumberOption | BooleanOption | ChoiceOption;

/** The options of a registry entry that a form can ask, or null where one that it cannot ask is required. */
export function formOptions(options: readonly unknown[]): FormOption[] | null {
  const specs = options as readonly OptionSpec[];
  const isRequired = (spec: OptionSpec): boolean =>
    (spec.type === 'sampler' || spec.type === 'pruner') && spec.default === undefined;
  if (specs.some((spec) => isRequired(spec) || spec.type === 'grid')) return null;
  return specs.filter(
    (spec): spec is FormOption =>
      (spec.type === 'number' || spec.type === 'boolean' || spec.type === 'choice') &&
      spec.name !== 'seed',
  );
}

/** What a form starts with; options without a default are left out. */
export function defaultValues(options: readonly FormOption[]): Record<string, unknown> {
  return Object.fromEntries(
    options.flatMap((option) =>
      option.default === undefined || option.default === null
        ? []
        : [[option.name, option.default]],
    ),
  );
}
