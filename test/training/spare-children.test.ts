import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { createObjectivePool } from '../../src-main/training/pool.ts';
import type { ObjectivePool, ObjectivePoolOptions } from '../../src-main/training/pool.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import { SpareChildren } from '../../src-main/training/spare-children.ts';
import type { TrialProcess, TrialProcessOptions } from '../../src-main/training/trial-process.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';
import { eventually } from '../helpers/eventually.ts';

const iris = loadSpec('iris');
const wine = loadSpec('wine');
const params = { n_layers: 1, hidden_dim_layer_0: 32 };

/** Remembers which children came and went. */
class WatchedChildren extends SpareChildren {
  readonly kept: TrialProcess[] = [];
  readonly taken: TrialProcess[] = [];

  override keep(child: TrialProcess): Promise<void> {
    this.kept.push(child);
    return super.keep(child);
  }

  override take(options: TrialProcessOptions): TrialProcess | null {
    const child = super.take(options);
    if (child) this.taken.push(child);
    return child;
  }
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function openSpares(): WatchedChildren {
  const spares = new WatchedChildren();
  opened.push(spares);
  return spares;
}

async function createPool(
  options: Partial<ObjectivePoolOptions> = {},
  loaded = iris,
): Promise<ObjectivePool> {
  const data = await loadDataset(loaded);
  const pool = createObjectivePool({ spec: loaded.spec, data, seed: 1, jobs: 1, ...options });
  opened.push(pool);
  return pool;
}

/** Runs a trial in a pool of its own, which is then closed. */
async function runOne(
  options: Partial<ObjectivePoolOptions>,
  loaded = iris,
): Promise<RecordingTrial> {
  const pool = await createPool(options, loaded);
  const trial = new RecordingTrial({ number: 7, ...(loaded === iris ? { params } : {}) });
  await pool.run(trial);
  await pool.close();
  return trial;
}

function isAlive({ pid }: TrialProcess): boolean {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
}

describe('SpareChildren', () => {
  it('give the next study a child of the one before, which trains as a new one does', async () => {
    const spares = openSpares();
    await runOne({ spares });
    expect(spares.kept.map(({ state }) => state)).toEqual(['spare']);
    const warm = await runOne({ spares }, wine);
    expect(spares.taken).toEqual(spares.kept.slice(0, 1));
    const fresh = await runOne({}, wine);
    expect(warm.reports.size).toBeGreaterThan(0);
    expect([...warm.reports]).toEqual([...fresh.reports]);
    expect(warm.userAttrs).toEqual({ ...fresh.userAttrs, seconds: warm.userAttrs.seconds });
  });

  it('end when they are closed, and whatever comes then', async () => {
    const spares = openSpares();
    const late = await createPool({ spares });
    await late.run(new RecordingTrial({ params }));
    await runOne({ spares });
    await spares.close();
    await late.close();
    expect(spares.kept).toHaveLength(2);
    expect(spares.kept.map(isAlive)).toEqual([false, false]);
  });

  it('end where no study wants them for a minute, and not while one has them', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const stop = vi.fn(async () => {});
    const child = { state: 'spare', isLike: () => true, release() {}, stop } as never;
    const options = {} as TrialProcessOptions;
    const spares = new SpareChildren();
    await spares.keep(child);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(spares.take(options)).toBe(child);
    expect(spares.take(options)).toBeNull();
    await vi.advanceTimersByTimeAsync(3_600_000);
    await spares.close();
    expect(stop).not.toHaveBeenCalled();

    const others = new SpareChildren();
    await others.keep(child);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(stop).toHaveBeenCalledOnce();
    expect(others.take(options)).toBeNull();

    await others.keep({ ...(child as object), state: 'exited' } as never);
    expect(others.take(options)).toBeNull();
  });

  it('do without one that was killed while it waited', async () => {
    const spares = openSpares();
    await runOne({ spares });
    const [killed] = spares.kept as [TrialProcess];
    process.kill(killed.pid as number, 'SIGKILL');
    // Whether its end is known already when the next study asks, or not.
    expect((await runOne({ spares })).reports.size).toBeGreaterThan(0);
    await eventually(() => expect(killed.state).toBe('exited'));
    expect((await runOne({ spares })).reports.size).toBeGreaterThan(0);
  });

  it('leave nothing running behind a study that is closed before they are ready for it', async () => {
    const spares = openSpares();
    await runOne({ spares });
    const pool = await createPool({ spares });
    await pool.close();
    expect(spares.taken.map(({ state }) => state)).toEqual(['exited']);
    // Otherwise another one has taken its place, which nobody would end.
    await expect(pool.decision).rejects.toThrow('closed');
  });

  it('are not given to a study whose children are started otherwise', async () => {
    const spares = openSpares();
    await runOne({ spares, memoryLimitMb: 1000 });
    await runOne({ spares, memoryLimitMb: 900 });
    expect(spares.taken).toEqual([]);
  });

  it('are one per core at most', async () => {
    const spares = openSpares();
    const jobs = availableParallelism() + 1;
    const pool = await createPool({ spares, jobs });
    await Promise.all(
      Array.from({ length: jobs }, (_, number) => pool.run(new RecordingTrial({ number, params }))),
    );
    await pool.close();
    expect(spares.kept.filter(isAlive)).toHaveLength(availableParallelism());
  });

  it('are none with much data, which would count against the limit of another study', async () => {
    const spares = openSpares();
    const dataset = await loadDataset(iris);
    const { train } = dataset;
    const large = { ...dataset, train: { ...train, features: new Float32Array(2 ** 22) } };
    const inFolds = { ...iris.spec, data: { ...iris.spec.data, split: { folds: 3 } } };
    const folded = await loadDataset({ ...iris, spec: parseSpec(inFolds) as typeof iris.spec });
    expect(folded.folds).toBeDefined();
    for (const data of [large, folded, dataset]) {
      const pool = await createPool({ spares, data });
      await pool.decision;
      await pool.close();
      expect(spares.kept).toHaveLength(data === dataset ? 1 : 0);
    }
  });

  it('are none of other engines, whose memory does not shrink', async () => {
    const spares = openSpares();
    const entry = fileURLToPath(new URL('children/misbehaving.ts', import.meta.url));
    const pool = await createPool({ spares, entry });
    const trial = new RecordingTrial({ params: { ...params, deed: 'nothing' } });
    trial.params.deed = 'nothing';
    await pool.run(trial);
    await pool.close();
    expect(spares.kept).toEqual([]);
    expect(() => process.kill(trial.userAttrs.pid as number, 0)).toThrow('ESRCH');
  });
});
