import type { TrialPruning } from '../../src-main/contract/trials.ts';
import type { TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';

/** What a sentence about one comparison says. */
export interface PruningFacts {
  readonly step: number;
  /** What was compared, and what it must not be worse than. */
  readonly own: string;
  readonly limit: string;
  readonly isAbove: boolean;
  readonly nOthers: number;
  readonly percentile: number | null;
  readonly rung: number;
  readonly isInBracket: boolean;
  readonly otherTrial: number | null;
}

/** The sentences about what a pruner compares. */
interface BasisWords {
  cut(facts: PruningFacts): string;
  kept(facts: PruningFacts): string;
  /** Not of tests, which look at many reports. */
  nan?(step: number): string;
}

/** What the pruner made of a trial, in words: of a pruned one what ended it, of any other what kept it. */
export function pruningSentences(pruning: TrialPruning, state: TrialState): string[] {
  const { basis, steps, phases, own, bracket, prunedAtStep } = pruning;
  const last = steps.length - 1;
  if (last < 0) return [];
  const step = steps[last] as number;
  if (basis === 'nothing')
    return [state === 'pruned' ? text.pruning.byOthers(step) : text.pruning.never];
  const words: BasisWords = text.pruning[basis];
  const others = [
    ...notCompared(phases),
    ...(bracket ? [text.pruning.bracket(bracket.index, bracket.count, bracket.firstStep)] : []),
  ];
  if (state === 'pruned') {
    if (words.nan && Number.isNaN(own[last] as number)) return [words.nan(step)];
    if (prunedAtStep !== step) return [text.pruning.unclear(step)];
    if (phases[last] === 'bootstrap') return [text.pruning.bootstrap(step)];
    return [words.cut(factsAt(pruning, last)), ...others];
  }
  const lastCompared = phases.lastIndexOf('compared');
  return lastCompared < 0 ? others : [words.kept(factsAt(pruning, lastCompared)), ...others];
}

function factsAt(pruning: TrialPruning, i: number): PruningFacts {
  const value = pruning.own[i] as number;
  const threshold = pruning.thresholds[i] as number;
  const upper = pruning.uppers[i] as number;
  const isAbove = value > threshold;
  return {
    step: pruning.steps[i] as number,
    own: formatNumber(value),
    limit: formatNumber(isAbove && !Number.isNaN(upper) ? upper : threshold),
    isAbove,
    nOthers: pruning.nOthers[i] as number,
    percentile: pruning.percentile,
    rung: pruning.rungs[i] as number,
    isInBracket: pruning.bracket !== null,
    otherTrial: pruning.otherTrial,
  };
}

const untold = ['startup', 'warmup', 'few', 'patience', 'infinite', 'average'] as const;

/** Why some steps were not looked at, the commonest reason first; when a pruner looks at every third step there is nothing to tell. */
function notCompared(phases: TrialPruning['phases']): string[] {
  return untold
    .map((phase) => ({ phase, n: phases.filter((one) => one === phase).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n)
    .map(({ phase, n }) => text.pruning.notCompared[phase](n));
}
