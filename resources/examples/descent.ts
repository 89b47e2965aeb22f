/**
 * An objective as a module: gradient descent down Rosenbrock's valley, whose settings are tuned.
 *
 *     npx parzen run --objective resources/examples/descent.ts --trials 50
 *
 * Plain JavaScript does as well. The module may import what it likes; nothing of Parzen is needed.
 */
const nSteps = 200;

/** The part of a trial that is used here; it has all that Optuna's has. */
interface Trial {
  suggestFloat(
    name: string,
    low: number,
    high: number,
    options?: { log?: boolean },
  ): Promise<number>;
  report(value: number, step: number): Promise<void>;
  shouldPrune(): Promise<boolean>;
  setUserAttr(key: string, value: unknown): Promise<void>;
}

interface Context {
  TrialPruned: new () => Error;
}

export async function objective(trial: Trial, { TrialPruned }: Context): Promise<number> {
  const rate = await trial.suggestFloat('rate', 1e-5, 1e-2, { log: true });
  const momentum = await trial.suggestFloat('momentum', 0, 0.99);
  let [x, y, vx, vy] = [-1.5, 2, 0, 0];
  for (let step = 0; step < nSteps; step++) {
    const [dx, dy] = [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)];
    vx = momentum * vx - rate * dx;
    vy = momentum * vy - rate * dy;
    x += vx;
    y += vy;
    if (step % 10 === 9) {
      await trial.report(height(x, y), step);
      if (await trial.shouldPrune()) throw new TrialPruned();
    }
  }
  await trial.setUserAttr('end', [x, y]);
  return height(x, y);
}

function height(x: number, y: number): number {
  const z = (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  // Steps that are too long end at infinity, or where numbers end.
  return z < 1e6 ? z : 1e6;
}
