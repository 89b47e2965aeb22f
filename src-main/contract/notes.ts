import { z } from 'zod';
import { defineCall } from './define.ts';
import { studyKeySchema } from './library.ts';

/** Free text on a study or a trial, Markdown. Optuna Dashboard shows and changes the same one. */
export interface Note {
  /** Grows with every change; 0: there has never been a note. */
  readonly version: number;
  readonly text: string;
}

const subject = {
  key: studyKeySchema,
  /** Null: the study's own note. */
  trialNumber: z.number().int().nonnegative().nullable(),
};

export const notesCalls = {
  'notes.get': defineCall<Note>()(z.strictObject(subject)),
  /** Gives the note as it is now. Fails with `NOTE_CHANGED` when `version` is not the newest, because somebody else changed it. */
  'notes.set': defineCall<Note>()(
    z.strictObject({
      ...subject,
      /** Of the note that was changed. */
      version: z.number().int().nonnegative(),
      text: z.string().max(1_000_000),
    }),
  ),
};
