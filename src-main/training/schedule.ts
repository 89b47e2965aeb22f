import type { SchedulePlan, TrainingPlan } from './plan.ts';

/** The learning rates of one training. */
export interface Schedule {
  /** Of this epoch, counted from 0. To be asked for each epoch in turn. */
  rateAt(epoch: number): number;
  /** Must be told the validation loss of each epoch before the next one's rate is asked for. */
  observe(epoch: number, validationLoss: number): void;
}

/** A loss must fall by more than this share of itself to count as better, as in PyTorch's ReduceLROnPlateau. */
const PLATEAU_THRESHOLD = 1e-4;

/**
 * Step by step as PyTorch's schedulers of these names; one step is one epoch. With warm-up, the rate first grows in equal steps: of n such epochs
 * the i-th has i / (n + 1) of the full rate. The schedule itself begins after them, with the full rate.
 */
export function createSchedule({
  optimizer: { learningRate },
  schedule,
  epochs,
}: Pick<TrainingPlan, 'optimizer' | 'schedule' | 'epochs'>): Schedule {
  const { warmupEpochs } = schedule;
  const plateau = createPlateau(schedule);
  return {
    rateAt: (epoch) =>
      epoch < warmupEpochs
        ? (learningRate * (epoch + 1)) / (warmupEpochs + 1)
        : learningRate * shareAt(schedule, epoch - warmupEpochs, epochs - warmupEpochs, plateau),
    observe(epoch, validationLoss) {
      if (epoch >= warmupEpochs) plateau.observe(validationLoss);
    },
  };
}

function shareAt(
  { type, every, factor, decay, minShare }: SchedulePlan,
  epoch: number,
  nEpochs: number,
  plateau: Plateau,
): number {
  switch (type) {
    case 'constant':
      return 1;
    case 'step':
      return factor ** Math.floor(epoch / every);
    case 'exponential':
      return decay ** epoch;
    case 'cosine':
      return minShare + ((1 - minShare) * (1 + Math.cos((Math.PI * epoch) / nEpochs))) / 2;
    case 'plateau':
      return plateau.share;
  }
}

interface Plateau {
  share: number;
  observe(loss: number): void;
}

function createPlateau({ factor, minShare, patience }: SchedulePlan): Plateau {
  let best = Infinity;
  let nWithoutBetter = 0;
  return {
    share: 1,
    observe(loss) {
      if (loss < best * (1 - PLATEAU_THRESHOLD)) {
        best = loss;
        nWithoutBetter = 0;
      } else nWithoutBetter++;
      if (nWithoutBetter <= patience) return;
      this.share = Math.max(this.share * factor, minShare);
      nWithoutBetter = 0;
    },
  };
}
