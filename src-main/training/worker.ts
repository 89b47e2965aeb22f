/** Entry of a training child: a plain Node process that runs trials for the parent that forked it. */
import { flushCompileCache } from 'node:module';
import { prepareObjective } from './objectives/registry.ts';
import { processPort } from './process-port.ts';
import { serveTrials } from './run-trial.ts';

serveTrials(processPort(), async (setup) => {
  const objective = await prepareObjective(setup);
  // Children end by a signal, which would leave nothing to the next one.
  flushCompileCache();
  return objective;
});
