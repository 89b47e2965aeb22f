import { text } from './text.ts';

/** Letters, digits, signs: not spaces, controls, joiners and fillers alone. */
const VISIBLE = /[^\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;

/** A study's name for the eye: of one that cannot be seen it is said so. */
export function shownName(studyName: string): string {
  return VISIBLE.test(studyName) ? studyName : text.common.invisibleName;
}
