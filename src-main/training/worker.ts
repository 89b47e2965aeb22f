/** Entry of a training child: a plain Node process that runs trials for the parent that forked it. */
import { prepareObjective } from './objectives/registry.ts';
import { processPort } from './process-port.ts';
import { serveTrials } from './run-trial.ts';

serveTrials(processPort(), prepareObjective);
