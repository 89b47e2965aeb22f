import type { WorkerSetup } from '../worker-protocol.ts';
import type { PreparedObjective } from './objective.ts';

/** Gets an objective ready. Each kind is loaded when a child needs it. */
export async function prepareObjective(setup: WorkerSetup): Promise<PreparedObjective> {
  switch (setup.objective) {
    case 'network':
      return (await import('./network.ts')).prepareNetworkObjective(setup);
    case 'module':
      return (await import('./module.ts')).prepareModuleObjective(setup);
    case 'command':
      return (await import('./command.ts')).prepareCommandObjective(setup);
  }
}
