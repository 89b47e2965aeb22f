import type { Distribution } from '../../src-main/tuner/distributions.ts';
import { formatCount, formatNumber } from '../format.ts';
import { text } from '../text.ts';

/** A parameter's values in a few words: `0.00001 to 0.1, logarithmic`. */
export function describeSpace(distribution: Distribution): string {
  if (distribution.type === 'categorical')
    return distribution.choices
      .map((choice) => (typeof choice === 'number' ? formatNumber(choice) : String(choice)))
      .join(', ');
  const { low, high, log, step, type } = distribution;
  return [
    text.wizard.span(formatNumber(low), formatNumber(high)),
    log ? text.wizard.logarithmic : '',
    step !== null && (type === 'float' || step !== 1)
      ? text.wizard.inSteps(formatNumber(step))
      : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** The number of combinations in words; `null` where there are too many conditions to count. */
export function describeSize(nCombinations: number | null): string {
  if (nCombinations === null) return text.wizard.uncounted;
  if (nCombinations === Infinity) return text.wizard.continuous;
  return text.wizard.combinations(
    nCombinations < 1e9 ? formatCount(nCombinations) : formatNumber(nCombinations, 3),
    nCombinations === 1,
  );
}
