import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { createObjectivePool } from '../../src-main/training/pool.ts';
import type { ObjectivePool, ObjectivePoolOptions } from '../../src-main/training/pool.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { SpareChildren } from '../../src-main/training/spare-children.ts';
import type { TrialProcess, TrialProcessOptions } from '../../src-main/training/trial-process.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';

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

  it('do without one that was killed while it waited', async () => {
    const spares = openSpares();
    await runOne({ spares });
    const [killed] = spares.kept as [TrialProcess];
    process.kill(killed.pid as number, 'SIGKILL');
    // Whether its end is known already when the next study asks, or not.
    expect((await runOne({ spares })).reports.size).toBeGreaterThan(0);
    await vi.waitFor(() => expect(killed.state).toBe('exited'), { timeout: 10_000 });
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
