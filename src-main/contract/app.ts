import { z } from 'zod';
import { defineCall } from './define.ts';

/**
 * What a page can do that is also in the menu bar of the desktop app. `exportCsv`, `startRun`, `pauseRun` and `stopRun`: of the
 * study that the page shows.
 */
export const appCommands = [
  'newStudy',
  'exportCsv',
  'startRun',
  'pauseRun',
  'stopRun',
  'showLibrary',
  'showCommands',
  'showSettings',
  'showShortcuts',
  'showAbout',
  'undo',
] as const;
export type AppCommand = (typeof appCommands)[number];

/** What the user asked for outside the page: by the command line, a double click, a second start, a notification or the menu. */
export type AppRequest =
  /** Show this file, which is open now; `studyId` when it is about one study, or there is only one in it. */
  | { readonly type: 'open'; readonly storageId: string; readonly studyId: number | null }
  | { readonly type: 'command'; readonly command: AppCommand }
  /** Show the study's tab, by its place among `tabs` of `app.offerCommands`. */
  | { readonly type: 'tab'; readonly index: number };

export const appCalls = {
  /** Requests that no page has taken yet, oldest first. Each is given to one page, once: take them after subscribing to `app.requested`. */
  'app.takeRequests': defineCall<readonly AppRequest[]>()(z.strictObject({})),
  /** Says what the page can do now; the menu offers nothing else. Replaces what was said before. */
  'app.offerCommands': defineCall<void>()(
    z.strictObject({
      commands: z.array(z.enum(appCommands)).max(appCommands.length),
      /** Titles of the tabs of the study that the page shows. @default none */
      tabs: z.array(z.string().max(50)).max(9).optional(),
    }),
  ),
};

export interface AppEvents {
  /** There is something to take with `app.takeRequests`. */
  'app.requested': Record<string, never>;
}
