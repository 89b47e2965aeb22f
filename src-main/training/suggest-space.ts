import type { ParamValue } from '../tuner/distributions.ts';
import type { Trial } from '../tuner/trial/trial.ts';
import { toDistribution } from './hyperparameter.ts';
import type { Space } from './hyperparameter.ts';

/** The declared parameters of an own objective, by name. */
export type DeclaredSpace = Readonly<Record<string, Space>>;

/** Asks the trial for all declared parameters, in their order. */
export async function suggestSpace(
  trial: Pick<Trial, 'suggest'>,
  space: DeclaredSpace,
): Promise<Record<string, ParamValue>> {
  const params: Record<string, ParamValue> = {};
  for (const [name, range] of Object.entries(space))
    params[name] = await trial.suggest(name, toDistribution(range));
  return params;
}
