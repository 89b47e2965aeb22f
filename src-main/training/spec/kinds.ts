import type { StudySpec } from '../spec.ts';
import type { ProgramStudySpec } from './program.ts';

/** Apart from the schemas, which training children need not load. */
export function isProgramStudy(spec: StudySpec): spec is ProgramStudySpec {
  return 'run' in spec;
}
