import { pathToFileURL } from 'node:url';
import { TrialPruned } from '../../tuner/errors.ts';
import { createRng } from '../../tuner/math/rng.ts';
import type { Trial } from '../../tuner/trial/trial.ts';
import { messageOf, TrainingStartError } from '../errors.ts';
import { watchParent } from '../parent-watch.ts';
import { hashOf } from '../programs.ts';
import { suggestSpace } from '../suggest-space.ts';
import type { PrepareObjective } from './objective.ts';

/** What an objective of the user's own is given beside the trial. */
export interface ModuleContext {
  /** Aborted when the trial is to be given up. */
  readonly signal: AbortSignal;
  /** Of this trial: a whole number below 2^32, the same whenever the trial is run again. */
  readonly seed: number;
  /** To be thrown by a trial that gives up, so that a module need not import it. */
  readonly TrialPruned: typeof TrialPruned;
}

type ModuleObjective = (trial: Trial, context: ModuleContext) => unknown;

/** A module of the user's own, loaded once per child. The parent has made sure that the user wants it to run. */
export const prepareModuleObjective: PrepareObjective<'module'> = async (setup) => {
  const { path, sha256, space, seed, memoryLimitBytes } = setup;
  watchParent(memoryLimitBytes);
  const objective = await loadObjective(path, sha256);
  return {
    decision: null,
    async run(trial, { signal }) {
      await suggestSpace(trial, space);
      const trialSeed = createRng(seed, trial.number, 'objective').uint32();
      return checkValues(await objective(trial, { signal, seed: trialSeed, TrialPruned }));
    },
  };
};

async function loadObjective(path: string, sha256: string): Promise<ModuleObjective> {
  if (hashOf(path) !== sha256)
    throw new TrainingStartError(
      `The module ${path} was changed since the run began. Start the run again to go on with the new one.`,
    );
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as typeof module;
  } catch (error) {
    throw new TrainingStartError(`The module ${path} cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const objective = module.objective ?? module.default;
  if (typeof objective !== 'function')
    throw new TrainingStartError(
      `The module ${path} must export a function \`objective(trial)\`, but its exports are: ${Object.keys(module).join(', ') || 'none'}.`,
    );
  return objective as ModuleObjective;
}

function checkValues(values: unknown): number | readonly number[] {
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  if (isNumber(values) || (Array.isArray(values) && values.every(isNumber))) return values;
  throw new TypeError(
    `\`objective\` must return a number or a list of numbers, but returned ${values === undefined ? 'nothing' : `${typeof values} ${JSON.stringify(values)}`}.`,
  );
}
