/**
 * Which parameters matter, and how much. Where the trials cannot tell, the answer is empty and says why: equal shares would look like
 * a result.
 */
import { InvalidArgumentError } from '../errors.ts';
import { checkKeys } from '../options.ts';
import { silence, type Evaluation, type ImportanceEvaluator } from './evaluator.ts';
import {
  collectImportanceData,
  type ImportanceStudy,
  type ImportanceTarget,
} from './importance-data.ts';
import { FanovaEvaluator } from './fanova.ts';
import { PedAnovaEvaluator } from './ped-anova.ts';

export interface ImportanceOptions {
  /** @default PED-ANOVA for parameters, fANOVA for pairs */
  evaluator?: ImportanceEvaluator;
  /** Parameters to assess. @default all that the evaluator can */
  params?: readonly string[];
  /**
   * The result whose causes are asked for.
   * @default the objective; where there are several, being on the Pareto front (which PED-ANOVA alone can tell)
   */
  target?: ImportanceTarget;
  /** Let the importances add up to 1. @default true */
  normalize?: boolean;
  /** Below so many trials the answer is empty; at least 2. @default 10 */
  minTrials?: number;
}

const optionNames = {
  evaluator: true,
  params: true,
  target: true,
  normalize: true,
  minTrials: true,
} as const;

/** Importances, the highest first. */
export interface Importances extends Evaluation {
  /** Trials that were taken into account. */
  readonly nTrials: number;
}

/**
 * How important each parameter is for the result. Complete trials with a finite result count; for the value at a step also pruned ones.
 *
 * @param study A study, or `studyOfTrials`.
 * @throws InvalidArgumentError when a parameter is in no trial, the study has no such objective, the evaluator needs
 *   one target and there are several objectives, or `minTrials` is below 2.
 */
export async function getParamImportances(
  study: ImportanceStudy,
  options: ImportanceOptions = {},
): Promise<Importances> {
  checkKeys('getParamImportances', optionNames, options);
  const evaluator = options.evaluator ?? new PedAnovaEvaluator();
  return evaluate(study, options, (data) => evaluator.evaluate(data, options.params ?? null));
}

/**
 * How important each pair of parameters is, beyond what each of the two is alone. Not normalized these are shares of all that varies.
 *
 * @throws InvalidArgumentError as `getParamImportances`, and when the evaluator does not know pairs.
 */
export async function getPairImportances(
  study: ImportanceStudy,
  options: ImportanceOptions = {},
): Promise<Importances> {
  checkKeys('getPairImportances', optionNames, options);
  const evaluator = options.evaluator ?? new FanovaEvaluator();
  return evaluate(study, { normalize: false, ...options }, (data) => {
    if (!evaluator.evaluatePairs)
      throw new InvalidArgumentError(
        `"${evaluator.name}" does not know the importance of pairs. Use "fanova".`,
      );
    return evaluator.evaluatePairs(data, options.params ?? null);
  });
}

async function evaluate(
  study: ImportanceStudy,
  { target, minTrials = 10, normalize = true }: ImportanceOptions,
  ask: (data: Awaited<ReturnType<typeof collectImportanceData>>) => Promise<Evaluation>,
): Promise<Importances> {
  if (!(Number.isInteger(minTrials) && minTrials >= 2))
    throw new InvalidArgumentError(
      `\`minTrials\` must be a whole number of at least 2, but got ${minTrials}.`,
    );
  const data = await collectImportanceData(study, target ?? null);
  const { nTrials } = data;
  if (nTrials < minTrials)
    return {
      ...silence(
        `Importance needs at least ${minTrials} trials with a finite result, but there ${nTrials === 1 ? 'is' : 'are'} ${nTrials}.`,
      ),
      nTrials,
    };
  const evaluation = await ask(data);
  return { ...toShares(evaluation, normalize), nTrials };
}

function toShares(evaluation: Evaluation, normalize: boolean): Evaluation {
  const { importances, notes } = evaluation;
  const sum = importances.reduce((total, { importance }) => total + importance, 0);
  if (importances.length > 0 && !(sum > 0))
    return silence('No parameter makes a difference that the trials could show.', notes);
  const scale = normalize ? 1 / sum : 1;
  return {
    ...evaluation,
    importances: importances
      .map(({ params, importance, deviation }) => ({
        params,
        importance: importance * scale,
        deviation: deviation === null ? null : deviation * scale,
      }))
      .sort((a, b) => b.importance - a.importance || (a.params.join() < b.params.join() ? -1 : 1)),
  };
}
