/**
 * What people say of trials. A finished trial never changes, in Optuna's files either, so all of it is kept with the study: which trials are hidden
 * and how they are tagged by trial number, notes as Optuna Dashboard keeps them.
 */
import type { TrialAnnotations } from '../contract/trials.ts';
import type { FrozenStudy, Storage } from '../tuner/storages/storage.ts';
import type { Attrs, AttrValue } from '../tuner/trial/frozen-trial.ts';
import { copyNotes, notedTrials, readNote } from './notes.ts';

/** System attribute: numbers of the trials that are not shown. */
const HIDDEN = 'parzen:hidden_trials';
/** System attribute: trial number -> tags. */
const TRIAL_TAGS = 'parzen:trial_tags';
/** As much of a note as a table shows. */
const NOTE_BEGINNING = 200;

/** Numbers of the trials that are not shown. What is no number is read over: the attribute may come from anywhere. */
export function hiddenTrials(systemAttrs: Attrs): ReadonlySet<number> {
  const numbers = systemAttrs[HIDDEN];
  return new Set(Array.isArray(numbers) ? numbers.filter((n) => Number.isSafeInteger(n)) : []);
}

function trialTags(systemAttrs: Attrs): ReadonlyMap<number, readonly string[]> {
  const stored = systemAttrs[TRIAL_TAGS];
  const tags = new Map<number, readonly string[]>();
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return tags;
  for (const [number, list] of Object.entries(stored as Attrs)) {
    if (!Array.isArray(list)) continue;
    const texts = list.filter((tag): tag is string => typeof tag === 'string' && tag !== '');
    if (texts.length > 0) tags.set(Number(number), texts);
  }
  return tags;
}

export async function annotationsOf(
  storage: Storage,
  study: FrozenStudy,
): Promise<TrialAnnotations> {
  const notes: Record<number, string> = {};
  for (const { trial, key } of await notedTrials(storage, study)) {
    const { text } = readNote(study.systemAttrs, key);
    if (text !== '') notes[trial.number] = text.slice(0, NOTE_BEGINNING);
  }
  return {
    hidden: [...hiddenTrials(study.systemAttrs)],
    tags: Object.fromEntries(trialTags(study.systemAttrs)),
    notes,
  };
}

export async function setHidden(
  storage: Storage,
  studyId: number,
  trialNumbers: readonly number[],
  isHidden: boolean,
): Promise<void> {
  const { systemAttrs } = await storage.getStudy(studyId);
  const hidden = new Set(hiddenTrials(systemAttrs));
  for (const number of trialNumbers)
    if (isHidden) hidden.add(number);
    else hidden.delete(number);
  await storage.setStudySystemAttr(
    studyId,
    HIDDEN,
    [...hidden].sort((a, b) => a - b),
  );
}

export async function setTags(
  storage: Storage,
  studyId: number,
  trialNumbers: readonly number[],
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): Promise<void> {
  const { systemAttrs } = await storage.getStudy(studyId);
  const tags = new Map(trialTags(systemAttrs));
  for (const number of trialNumbers) {
    const kept = (tags.get(number) ?? []).filter((tag) => !remove.includes(tag));
    const next = [...new Set([...kept, ...add])];
    if (next.length > 0) tags.set(number, next);
    else tags.delete(number);
  }
  await storage.setStudySystemAttr(studyId, TRIAL_TAGS, Object.fromEntries(tags));
}

/** Gives a copied study's trials the annotations of those they were copied from: ids are others, and so are numbers where trials were deleted. */
export async function copyAnnotations(
  from: { readonly storage: Storage; readonly studyId: number },
  { storage, studyId }: typeof from,
): Promise<void> {
  const source = await from.storage.getStudy(from.studyId);
  const copies = await storage.getTrials(studyId);
  const copyOf = new Map(
    (await from.storage.getTrials(from.studyId)).flatMap((trial, i) => {
      const copy = copies[i];
      return copy ? [[trial.number, copy] as const] : [];
    }),
  );
  const hidden = [...hiddenTrials(source.systemAttrs)];
  if (hidden.length > 0)
    await storage.setStudySystemAttr(
      studyId,
      HIDDEN,
      hidden.flatMap((number) => copyOf.get(number)?.number ?? []),
    );
  const tags: Record<string, AttrValue> = {};
  for (const [number, list] of trialTags(source.systemAttrs)) {
    const copy = copyOf.get(number);
    if (copy) tags[copy.number] = list;
  }
  // Also where none is left: the study was copied with those of its trials by their old numbers.
  if (source.systemAttrs[TRIAL_TAGS] !== undefined)
    await storage.setStudySystemAttr(studyId, TRIAL_TAGS, tags);
  await copyNotes({ storage: from.storage, study: source }, { storage, studyId, copyOf });
}
