import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';

import type { Note } from '../../src-main/contract/notes.ts';
import { hasCode, toShownError, type ShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';
import { useStudy } from './useStudy.ts';

/** `idle`: nothing was typed yet. */
export type NoteState = 'loading' | 'idle' | 'unsaved' | 'saving' | 'saved' | 'conflict';

export interface UseNoteReturn {
  readonly typed: Ref<string>;
  readonly state: Ref<NoteState>;
  readonly error: Ref<ShownError | null>;
  /** Shows the note of another trial, or of the study, after having saved what was typed. */
  readonly open: (trialNumber: number | null) => Promise<void>;
  /** Saves now what was typed. */
  readonly save: () => Promise<void>;
  readonly takeTheirs: () => void;
  readonly keepMine: () => Promise<void>;
}

const SAVE_AFTER_MS = 800;

/** A note that is saved a moment after the last key, and when its place on the screen is given up. */
export function useNote(): UseNoteReturn {
  const channel = useChannel();
  const { study } = useStudy();
  const typed = ref('');
  const state = ref<NoteState>('loading');
  const error = shallowRef<ShownError | null>(null);
  let subject: number | null = null;
  let stored: Note = { version: 0, text: '' };
  /** The note that was found instead of the one that was changed. */
  let theirs: Note | null = null;
  let execution = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(trialNumber: number | null): Promise<void> {
    await leave();
    const mine = ++execution;
    state.value = 'loading';
    error.value = null;
    try {
      const note = await channel.call('notes.get', { key: study.key, trialNumber });
      if (mine !== execution) return;
      subject = trialNumber;
      adopt(note);
    } catch (cause) {
      if (mine === execution) error.value = toShownError(cause);
    }
  }

  function adopt(note: Note): void {
    stored = note;
    theirs = null;
    typed.value = note.text;
    state.value = 'idle';
  }

  async function save(): Promise<void> {
    clearTimeout(timer);
    if (state.value !== 'unsaved') return;
    const [mine, given, of] = [execution, typed.value, subject];
    state.value = 'saving';
    error.value = null;
    try {
      const { version } = stored;
      const note = await channel.call('notes.set', {
        key: study.key,
        trialNumber: of,
        version,
        text: given,
      });
      if (mine !== execution) return;
      stored = note;
      state.value = typed.value === given ? 'saved' : 'unsaved';
      if (state.value === 'unsaved') saveSoon();
    } catch (cause) {
      if (mine !== execution) return;
      state.value = 'unsaved';
      if (hasCode(cause, 'NOTE_CHANGED')) {
        theirs = await channel.call('notes.get', { key: study.key, trialNumber: of });
        if (mine === execution) state.value = 'conflict';
      } else error.value = toShownError(cause);
    }
  }

  /** Saves at last. What somebody else wrote meanwhile stays too, above what was written here. */
  async function leave(): Promise<void> {
    const [given, of] = [typed.value, subject];
    await save();
    if (state.value !== 'conflict' || !theirs) return;
    const both = `${theirs.text}\n\n---\n\n${given}`;
    const { version } = theirs;
    await channel
      .call('notes.set', { key: study.key, trialNumber: of, version, text: both })
      .catch((cause: unknown) => (error.value = toShownError(cause)));
  }

  function saveSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), SAVE_AFTER_MS);
  }

  watch(typed, (now) => {
    if (state.value === 'loading' || state.value === 'conflict' || now === stored.text) return;
    if (state.value !== 'saving') state.value = 'unsaved';
    saveSoon();
  });
  // What somebody else wrote is shown, unless something else is being written here.
  watch(
    () => study.detail,
    async () => {
      if (state.value !== 'idle' && state.value !== 'saved') return;
      const mine = execution;
      const note = await channel
        .call('notes.get', { key: study.key, trialNumber: subject })
        .catch(() => stored);
      const isAtRest = state.value === 'idle' || state.value === 'saved';
      if (mine === execution && isAtRest && note.version > stored.version) adopt(note);
    },
  );
  onScopeDispose(() => void leave());

  return {
    typed,
    state,
    error,
    open,
    save,
    takeTheirs: () => theirs && adopt(theirs),
    async keepMine() {
      if (theirs) stored = theirs;
      theirs = null;
      state.value = 'unsaved';
      await save();
    },
  };
}
