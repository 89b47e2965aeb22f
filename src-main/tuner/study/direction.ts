export const studyDirections = ['minimize', 'maximize'] as const;
export type StudyDirection = (typeof studyDirections)[number];

/** Whether `a` is strictly better than `b` in this direction. NaN is never better. */
export function isBetter(direction: StudyDirection, a: number, b: number): boolean {
  return direction === 'minimize' ? a < b : a > b;
}
