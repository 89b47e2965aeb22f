import type { StudyKey } from '../../src-main/contract/library.ts';

export function keyId({ storageId, studyId }: StudyKey): string {
  return `${storageId}/${studyId}`;
}

export function isSameKey(a: StudyKey, b: StudyKey): boolean {
  return a.storageId === b.storageId && a.studyId === b.studyId;
}

/** The key of an id, or null. */
export function parseKeyId(id: string): StudyKey | null {
  const at = id.lastIndexOf('/');
  const studyId = Number(id.slice(at + 1));
  return at > 0 && Number.isInteger(studyId) && studyId > 0
    ? { storageId: id.slice(0, at), studyId }
    : null;
}
