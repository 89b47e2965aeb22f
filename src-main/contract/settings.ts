import { z } from 'zod';
import { defineCall } from './define.ts';
import { backendChoices } from './runs.ts';
import { savedViewSchema } from './saved-views.ts';

/** How the program looks. */
const themes = ['system', 'light', 'dark'] as const;
/** What happens to running studies when the window of the desktop app is closed: they go on without it, or the program ends. */
export const onCloseChoices = ['ask', 'keepRunning', 'quit'] as const;

/** What the user chose for the whole program; the defaults are those of `defaultSettings`. */
export const settingsSchema = z.strictObject({
  theme: z.enum(themes),
  /** Parallel trials of a run that names no number; null: what the study's spec says. */
  jobs: z.number().int().min(1).max(64).nullable(),
  /** What trains studies that leave it open (`auto`) and have not begun. */
  backend: z.enum(backendChoices),
  /** Desktop: tell when a study ends or fails while the window is not looked at. */
  notifications: z.boolean(),
  /** Desktop: the machine does not go to sleep by itself while studies run. */
  preventSleep: z.boolean(),
  onClose: z.enum(onCloseChoices),
  /** Looks of the trial table. */
  views: z.array(savedViewSchema),
});
export type UserSettings = z.infer<typeof settingsSchema>;

export const defaultSettings: UserSettings = {
  theme: 'system',
  jobs: null,
  backend: 'auto',
  notifications: true,
  preventSleep: false,
  onClose: 'ask',
  views: [],
};

export const settingsCalls = {
  'settings.get': defineCall<UserSettings>()(z.strictObject({})),
  /** Changes the settings that are given and answers with all. */
  'settings.set': defineCall<UserSettings>()(settingsSchema.partial()),
};

export interface SettingsEvents {
  /** All settings, whoever changed one. */
  'settings.changed': UserSettings;
}
