import type {
  ClassificationReport,
  ClassificationScore,
  Interval,
} from '../../contract/evaluation.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import { answersOf } from '../../training/models/class-scores.ts';
import {
  f1Influences,
  ratioInfluences,
  rocAucWithError,
} from '../../training/models/influences.ts';
import { logitInterval, meanShareInterval, rowIntervals } from '../../tuner/math/intervals.ts';
import { columnOf, lossOf, macroF1 } from './classification.ts';

/** Of the scores of a report beside accuracy, by the rows it was made of. Null where they do not tell it. */
export function classificationIntervals(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  { confusion, classes, f1, rocAuc }: ClassificationReport,
  rng: Rng,
): Record<ClassificationScore, Interval | null> {
  const nClasses = classes.length;
  const answers = answersOf(probabilities, nClasses);
  const losses = Float64Array.from(labels, (label, row) =>
    lossOf(probabilities[row * nClasses + label] as number),
  );
  const present = classes.flatMap(({ support }, k) =>
    support > 0 ? [{ nTrue: confusion[k]?.[k] as number, n: support }] : [],
  );
  const drawn = rowIntervals<'f1' | 'logLoss'>(
    labels.length,
    {
      statistics(rows) {
        const counts = classes.map(() => new Int32Array(nClasses));
        let loss = 0;
        for (const row of rows) {
          const ofLabel = counts[labels[row] as number] as Int32Array;
          const answer = answers[row] as number;
          ofLabel[answer] = (ofLabel[answer] as number) + 1;
          loss += losses[row] as number;
        }
        return { f1: macroF1(counts), logLoss: loss / rows.length };
      },
      influences: () => ({
        f1: f1Influences(labels, answers, nClasses).influences,
        logLoss: ratioInfluences(losses).influences,
      }),
    },
    rng,
  );
  const rocAucInterval = (): Interval | null => {
    const scoresOf = (k: number): Float64Array => columnOf(probabilities, k, nClasses);
    const roc = rocAucWithError(scoresOf, labels, nClasses);
    return roc && roc.standardError > 0 ? logitInterval(roc.area, roc.standardError) : null;
  };
  // Rows without an error draw no errors, and yet do not prove that there are none: their number says how many there may be, class by class.
  const ofPerfect = meanShareInterval(present.map(({ n }) => ({ nTrue: n, n })));
  return {
    balancedAccuracy: meanShareInterval(present),
    f1: f1 === 1 ? ofPerfect : { low: Math.max(0, drawn.f1.low), high: Math.min(1, drawn.f1.high) },
    rocAuc: rocAuc === 1 ? ofPerfect : rocAucInterval(),
    logLoss: { low: Math.max(0, drawn.logLoss.low), high: drawn.logLoss.high },
  };
}
