import type { PrepareObjective } from './objective.ts';

/** Kinds of objectives, each loaded when a child needs it. */
const objectives: Record<string, () => Promise<PrepareObjective>> = {
  network: async () => (await import('./network.ts')).prepareNetworkObjective,
};

export const prepareObjective: PrepareObjective = async (setup) => {
  const load = objectives[setup.objective];
  if (!load) throw new Error(`There is no objective "${setup.objective}".`);
  return (await load())(setup);
};
