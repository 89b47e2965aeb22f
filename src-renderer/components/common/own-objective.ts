import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';

/** Whether a path is that of a study spec; all else is taken for a module. */
export function isSpecFile(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path.trim());
}

/** The spec of a study that runs one module, named after it. */
export function specOfModule(
  path: string,
  directions: readonly StudyDirection[],
  nTrials: number,
): Record<string, unknown> {
  const file = path.split(/[\\/]/).at(-1) ?? '';
  return {
    name: file.replace(/\.\w+$/, '') || file,
    run: { module: path },
    objective: directions.map((direction, i, { length }) => ({
      name: length === 1 ? 'value' : `value ${i}`,
      direction,
    })),
    stop: { trials: nTrials },
  };
}
