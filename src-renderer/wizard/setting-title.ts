import type { SpecForm } from '../../src-main/contract/specs.ts';
import { text } from '../text.ts';

/** What forms call the setting at a path such as `training.batchSize`; the path where none of them asks for it. */
export function settingTitle(path: string, form: SpecForm | null): string {
  const settings = form ? settingsOf(form) : [];
  const exact = settings.find(({ at }) => at === path);
  if (exact) return text.compareStudies.setting(exact.group, exact.title);
  // A range or a list of choices in the place of a value, such as `training.batchSize.choices`.
  const outer = settings.find(({ at }) => path.startsWith(`${at}.`));
  if (!outer) return path;
  const { group, title, at } = outer;
  return text.compareStudies.settingPart(group, title, path.slice(at.length + 1));
}

interface NamedSetting {
  readonly group: string;
  readonly title: string;
  readonly at: string;
}

function settingsOf({ groups, objective, splits }: SpecForm): NamedSetting[] {
  const { objective: objectiveTitle, split } = text.compareStudies;
  return [
    ...groups.flatMap(({ title: group, settings }) =>
      settings.map(({ title, path }) => ({ group, title, at: path.join('.') })),
    ),
    ...objective.map(({ title, path }) => ({
      group: objectiveTitle,
      title,
      at: ['objective', ...path].join('.'),
    })),
    ...splits.flatMap(({ settings }) =>
      settings.map(({ title, path }) => ({ group: split, title, at: path.join('.') })),
    ),
  ];
}
