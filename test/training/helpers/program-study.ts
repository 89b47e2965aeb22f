import { programOf } from '../../../src-main/training/programs.ts';
import type { Program } from '../../../src-main/training/programs.ts';
import { parseSpec } from '../../../src-main/training/spec.ts';
import { isProgramStudy } from '../../../src-main/training/spec/kinds.ts';
import type { ProgramStudySpec } from '../../../src-main/training/spec/program.ts';

/** The spec of an own objective, and what it would run. */
export function programStudy(
  input: Readonly<Record<string, unknown>>,
  baseDir = '/',
): { spec: ProgramStudySpec; program: Program } {
  const spec = parseSpec({ name: 'own', ...input } as unknown);
  if (!isProgramStudy(spec)) throw new Error('The spec is not of a program.');
  return { spec, program: programOf(spec, baseDir) };
}
