/** A parent that runs a module which is in an endless loop, and then waits to be killed. The module says which process it is in. */
import { fileURLToPath } from 'node:url';
import { createProgramPool } from '../../../src-main/training/pool.ts';
import { programStudy } from '../helpers/program-study.ts';
import { RecordingTrial } from '../helpers/recording-trial.ts';

const module = fileURLToPath(new URL('objectives/various.ts', import.meta.url));
const pool = createProgramPool({ ...programStudy({ run: { module } }), seed: 1 });
await pool.run(new RecordingTrial({ params: { deed: 'loop' } }), {
  onOutput: (line) => console.log(line.replace('pid ', '')),
});
