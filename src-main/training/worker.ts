/** Entry of a training child: a plain Node process that runs trials of one kind of objective, its argument, for the parent that forked it. */
import { flushCompileCache } from 'node:module';
import { loadObjective, prepareObjective } from './objectives/registry.ts';
import { processPort } from './process-port.ts';
import { serveTrials } from './run-trial.ts';
import type { ObjectiveKind } from './worker-protocol.ts';

serveTrials(processPort(), async (setup) => {
  const objective = await prepareObjective(setup);
  // Children end by a signal, which would leave nothing to the next one.
  flushCompileCache();
  return objective;
});

// While the setup is on its way, which may wait for what another child decides.
await loadObjective(process.argv[2] as ObjectiveKind);
