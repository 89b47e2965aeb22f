import type { StudyKey } from '../../src-main/contract/library.ts';

export function keyId({ storageId, studyId }: StudyKey): string {
  return `${storageId}/${studyId}`;
}

export function isSameKey(a: StudyKey, b: StudyKey): boolean {
  return a.storageId === b.storageId && a.studyId === b.studyId;
}
