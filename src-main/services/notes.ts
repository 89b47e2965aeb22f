/**
 * Notes where Optuna Dashboard keeps them: in the study's system attributes, those of trials too, cut into pieces that every database takes. Format as of
 * its `_note.py` (0.20).
 */
import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { Note } from '../contract/notes.ts';
import { JournalStorage } from '../tuner/storages/journal/journal-storage.ts';
import type { FrozenStudy, Storage } from '../tuner/storages/storage.ts';
import type { Attrs, AttrValue, FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import type { EventHub } from './events.ts';
import { createTurns } from './in-turn.ts';
import type { Library } from './library.ts';

/** Characters in a piece, as Python counts them. */
const PIECE_LENGTH = 2045;

/** What the names of a note's attributes begin with: a trial's contain its id in Optuna. */
type NoteKey = `dashboard:${number}:` | 'dashboard:';

/** @param trialId Null: the study. */
function noteKey(storage: Storage, trialId: number | null): NoteKey {
  if (trialId === null) return 'dashboard:';
  // Optuna's ids in a journal count from 0.
  return `dashboard:${storage instanceof JournalStorage ? trialId - 1 : trialId}:`;
}

export function readNote(systemAttrs: Attrs, key: NoteKey): Note {
  const version = systemAttrs[`${key}note_ver`];
  if (typeof version !== 'number') return { version: 0, text: '' };
  let text = '';
  for (let i = 0; ; i++) {
    const piece = systemAttrs[`${key}note_str:${i}`];
    if (typeof piece !== 'string') return { version, text };
    text += piece;
  }
}

/** Pieces that are left over from a longer text become empty. */
function noteAttrs(systemAttrs: Attrs, key: NoteKey, { version, text }: Note): Attrs {
  const characters = Array.from(text);
  const attrs: Record<string, string | number> = {};
  for (let i = 0; ; i++) {
    const piece = characters.slice(i * PIECE_LENGTH, (i + 1) * PIECE_LENGTH).join('');
    const name = `${key}note_str:${i}`;
    if (piece === '' && !Object.hasOwn(systemAttrs, name)) break;
    attrs[name] = piece;
  }
  return { ...attrs, [`${key}note_ver`]: version };
}

/** The trials of a study that have, or had, a note. */
export async function notedTrials(
  storage: Storage,
  study: FrozenStudy,
): Promise<readonly { trial: FrozenTrial; key: NoteKey }[]> {
  const keys = new Set(
    Object.keys(study.systemAttrs).filter((name) => /^dashboard:\d+:note_ver$/.test(name)),
  );
  if (keys.size === 0) return [];
  return (await storage.getTrials(study.studyId)).flatMap((trial) => {
    const key = noteKey(storage, trial.trialId);
    return keys.has(`${key}note_ver`) ? [{ trial, key }] : [];
  });
}

/** Gives the trials of a copied study the notes of those they were copied from. */
export async function copyNotes(
  from: { readonly storage: Storage; readonly study: FrozenStudy },
  to: {
    readonly storage: Storage;
    readonly studyId: number;
    readonly copyOf: ReadonlyMap<number, FrozenTrial>;
  },
): Promise<void> {
  const { systemAttrs } = from.study;
  const attrs: Record<string, AttrValue> = {};
  const noted = await notedTrials(from.storage, from.study);
  // In another file the ids of the originals may be those of other trials.
  for (const { key } of noted)
    Object.assign(attrs, noteAttrs(systemAttrs, key, { ...readNote(systemAttrs, key), text: '' }));
  for (const { trial, key } of noted) {
    const copy = to.copyOf.get(trial.number);
    if (copy)
      Object.assign(
        attrs,
        noteAttrs({}, noteKey(to.storage, copy.trialId), readNote(systemAttrs, key)),
      );
  }
  for (const [name, value] of Object.entries(attrs))
    await to.storage.setStudySystemAttr(to.studyId, name, value);
}

export function notesHandlers(
  library: Library,
  hub: EventHub,
): Pick<Handlers, 'notes.get' | 'notes.set'> {
  const inTurn = createTurns();
  async function find(
    key: StudyKey,
    trialNumber: number | null,
  ): Promise<{ storage: Storage; systemAttrs: Attrs; name: NoteKey }> {
    const storage = library.storage(key.storageId);
    const trialId =
      trialNumber === null
        ? null
        : (await storage.getTrialByNumber(key.studyId, trialNumber)).trialId;
    const { systemAttrs } = await storage.getStudy(key.studyId);
    return { storage, systemAttrs, name: noteKey(storage, trialId) };
  }
  return {
    'notes.get': async ({ key, trialNumber }) => {
      const { systemAttrs, name } = await find(key, trialNumber);
      return readNote(systemAttrs, name);
    },
    'notes.set': ({ key, trialNumber, version, text }) =>
      inTurn(async () => {
        const { storage, systemAttrs, name } = await find(key, trialNumber);
        const known = readNote(systemAttrs, name);
        if (known.version !== version)
          throw new ServiceError(
            'NOTE_CHANGED',
            `The note was changed by somebody else meanwhile (version ${known.version} instead of ${version}). Copy what you wrote, and look at theirs.`,
          );
        const note = { version: version + 1, text };
        for (const [attr, value] of Object.entries(noteAttrs(systemAttrs, name, note)))
          await storage.setStudySystemAttr(key.studyId, attr, value);
        hub.emit('study.changed', { key });
        return note;
      }),
  };
}
