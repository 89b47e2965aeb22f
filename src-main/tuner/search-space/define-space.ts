/**
 * Search spaces that are declared beforehand, so that the compiler knows the parameters of a trial:
 *
 *     const space = defineSpace({ rate: float(1e-5, 1e-1, { log: true }), activation: categorical(['relu', 'tanh']) });
 *     await study.optimize(({ params }) => train(params.rate, params.activation), { space, nTrials: 50 });
 */
import type {
  CategoricalDistribution,
  Distribution,
  ParamValue,
  SearchSpace,
} from '../distributions.ts';

export {
  createCategoricalDistribution as categorical,
  createFloatDistribution as float,
  createIntDistribution as int,
} from '../distributions.ts';

/** What a parameter with the distribution may be. */
export type ParamOf<D extends Distribution> =
  D extends CategoricalDistribution<infer Choice> ? Choice : number;

/** The parameters of a trial that has all of a search space. */
export type ParamsOf<Space extends SearchSpace> = {
  readonly [Name in keyof Space]: ParamOf<Space[Name]>;
};

/** Parameters of any kind. */
export type AnyParams = Readonly<Record<string, ParamValue>>;

/** The space as it is given; its type keeps each name with its distribution. */
export function defineSpace<const Space extends SearchSpace>(space: Space): Space {
  return space;
}
