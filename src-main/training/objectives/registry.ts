import type { ObjectiveKind, WorkerSetup } from '../worker-protocol.ts';
import type { PreparedObjective } from './objective.ts';

/** Each kind is loaded by the children that run it. */
const modules = {
  network: () => import('./network.ts'),
  module: () => import('./module.ts'),
  command: () => import('./command.ts'),
} as const satisfies Record<ObjectiveKind, () => Promise<unknown>>;

/** Loads what a kind of objective needs, so that `prepareObjective` finds it loaded. */
export async function loadObjective(kind: ObjectiveKind): Promise<void> {
  await modules[kind]();
}

/** Gets an objective ready. */
export async function prepareObjective(setup: WorkerSetup): Promise<PreparedObjective> {
  switch (setup.objective) {
    case 'network':
      return (await modules.network()).prepareNetworkObjective(setup);
    case 'module':
      return (await modules.module()).prepareModuleObjective(setup);
    case 'command':
      return (await modules.command()).prepareCommandObjective(setup);
  }
}
