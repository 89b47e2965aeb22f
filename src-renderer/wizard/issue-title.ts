import type { Registries } from '../../src-main/contract/analysis.ts';
import type { SpecForm, SpecProblem } from '../../src-main/contract/specs.ts';
import type { OptionSpec } from '../../src-main/tuner/options.ts';
import { text } from '../text.ts';
import { settingOf } from './setting-title.ts';

/** What the steps call what a problem is about; null where it is about a whole step, or about something that no step asks for. */
export function issueTitle(
  { path }: SpecProblem,
  form: SpecForm | null,
  registries: Registries | null,
): string | null {
  const [section, ...rest] = path;
  if (section === 'name') return text.wizard.name;
  if (section === 'sampler' || section === 'pruner')
    return optionTitle(text.wizard[section], registries?.[`${section}s`], rest);
  if (section === 'stop' && rest[0] === 'rules' && typeof rest[1] === 'number')
    return optionTitle(text.wizard.rule(rest[1] + 1), registries?.terminators, rest.slice(2));
  return form ? (settingOf(path.join('.'), form)?.setting.title ?? null) : null;
}

/** Of an option of a sampler, a pruner or a rule: the registry knows what it is called, whichever has it. */
function optionTitle(
  whose: string,
  entries: Registries[keyof Registries] | undefined,
  rest: SpecProblem['path'],
): string {
  const name = rest.find((key) => key !== 'options' && key !== 'type');
  const option = entries
    ?.flatMap(({ options }) => options as readonly OptionSpec[])
    .find((one) => one.name === name);
  return option ? text.wizard.optionOf(whose, option.title) : whose;
}
