import type { TrialPruning } from '../../src-main/contract/trials.ts';
import type { TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';

/** What the pruner made of a trial, in words: of a pruned one what ended it, of any other what kept it. */
export function pruningSentences(pruning: TrialPruning, state: TrialState): string[] {
  const { steps, phases, own, thresholds, nOthers } = pruning;
  const last = steps.length - 1;
  if (last < 0) return [];
  const at = (i: number): [number, string, string, number] => [
    steps[i] as number,
    formatNumber(own[i] as number),
    formatNumber(thresholds[i] as number),
    nOthers[i] as number,
  ];
  const nCompared = phases.filter((phase) => phase === 'compared').length;
  if (state === 'pruned') {
    if (Number.isNaN(own[last] as number)) return [text.pruning.allNaN(steps[last] as number)];
    if (phases[last] === 'compared' && !Number.isNaN(thresholds[last] as number))
      return [text.pruning.cut(...at(last)), ...notCompared(phases)];
    return [text.pruning.unclear(steps[last] as number)];
  }
  if (nCompared === 0) return notCompared(phases);
  const lastCompared = phases.lastIndexOf('compared');
  return [text.pruning.kept(...at(lastCompared)), ...notCompared(phases)];
}

/** Why some steps were not looked at, the commonest reason first; when a pruner looks at every third step there is nothing to tell. */
function notCompared(phases: TrialPruning['phases']): string[] {
  const counts = (['startup', 'warmup', 'few'] as const)
    .map((phase) => ({ phase, n: phases.filter((one) => one === phase).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  return counts.map(({ phase, n }) => text.pruning.notCompared[phase](n));
}
