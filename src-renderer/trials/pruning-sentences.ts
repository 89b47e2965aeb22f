import type { TrialPruning } from '../../src-main/contract/trials.ts';
import type { TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';

type Facts = [step: number, own: string, limit: string, nOthers: number, isAbove: boolean];

/** The sentences about what a pruner compares. */
interface BasisWords {
  cut(...facts: Facts): string;
  kept(...facts: Facts): string;
  nan(step: number): string;
}

/** What the pruner made of a trial, in words: of a pruned one what ended it, of any other what kept it. */
export function pruningSentences(pruning: TrialPruning, state: TrialState): string[] {
  const { basis, steps, phases, own, prunedAtStep } = pruning;
  const last = steps.length - 1;
  if (last < 0) return [];
  const words: BasisWords = text.pruning[basis];
  const nCompared = phases.filter((phase) => phase === 'compared').length;
  if (state === 'pruned') {
    const step = steps[last] as number;
    if (Number.isNaN(own[last] as number)) return [words.nan(step)];
    if (prunedAtStep !== step) return [text.pruning.unclear(step)];
    if (phases[last] === 'bootstrap') return [text.pruning.bootstrap(step)];
    return [words.cut(...factsAt(pruning, last)), ...notCompared(phases)];
  }
  if (nCompared === 0) return notCompared(phases);
  const lastCompared = phases.lastIndexOf('compared');
  return [words.kept(...factsAt(pruning, lastCompared)), ...notCompared(phases)];
}

function factsAt({ steps, own, thresholds, uppers, nOthers }: TrialPruning, i: number): Facts {
  const value = own[i] as number;
  const threshold = thresholds[i] as number;
  const upper = uppers[i] as number;
  const isAbove = value > threshold;
  const limit = isAbove && !Number.isNaN(upper) ? upper : threshold;
  return [
    steps[i] as number,
    formatNumber(value),
    formatNumber(limit),
    nOthers[i] as number,
    isAbove,
  ];
}

/** Why some steps were not looked at, the commonest reason first; when a pruner looks at every third step there is nothing to tell. */
function notCompared(phases: TrialPruning['phases']): string[] {
  const counts = (['startup', 'warmup', 'few', 'patience'] as const)
    .map((phase) => ({ phase, n: phases.filter((one) => one === phase).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  return counts.map(({ phase, n }) => text.pruning.notCompared[phase](n));
}
