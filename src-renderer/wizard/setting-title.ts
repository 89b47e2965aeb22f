import type { SpecForm } from '../../src-main/contract/specs.ts';
import { text } from '../text.ts';

/** What forms call the setting at a path such as `training.batchSize`; the path where none of them asks for it. */
export function settingTitle(path: string, form: SpecForm | null): string {
  const found = form ? settingOf(path, form) : null;
  if (!found) return path;
  const { setting, part } = found;
  return part === ''
    ? text.compareStudies.setting(setting.group, setting.title)
    : text.compareStudies.settingPart(setting.group, setting.title, part);
}

/** The setting of the forms at a path, or around it: a range or choices may be in a value's place, as in `training.batchSize.choices`. */
export function settingOf(
  path: string,
  form: SpecForm,
): { setting: NamedSetting; part: string } | null {
  const settings = settingsOf(form);
  const setting =
    settings.find(({ at }) => at === path) ?? settings.find(({ at }) => path.startsWith(`${at}.`));
  return setting ? { setting, part: path.slice(setting.at.length + 1) } : null;
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
