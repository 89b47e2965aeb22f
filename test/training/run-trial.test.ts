import { once, EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TrialPruned } from '../../src-main/tuner/errors.ts';
import { countRows } from '../../src-main/training/epoch-batch.ts';
import { loadDataset, toTrainingData } from '../../src-main/training/datasets/prepare.ts';
import { prepareObjective } from '../../src-main/training/objectives/registry.ts';
import type { PreparedObjective } from '../../src-main/training/objectives/objective.ts';
import { reportAhead, type CallParent } from '../../src-main/training/remote-trial.ts';
import { runTrial, serveTrials } from '../../src-main/training/run-trial.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import type {
  ChildMessage,
  ParentMessage,
  TrialCall,
  WorkerSetup,
} from '../../src-main/training/worker-protocol.ts';

const iris = loadSpec('iris');
const setup: WorkerSetup = {
  objective: 'network',
  spec: iris.spec,
  data: toTrainingData(await loadDataset(iris)),
  seed: 1,
  backend: { backend: 'auto', engine: 'auto' },
  memoryLimitBytes: null,
};
const start = { number: 3, params: {}, distributions: {} };

/** A parent that lets every trial have the lower bounds and first choices, and never prunes. */
function answer({ method, args }: TrialCall): unknown {
  if (method === 'suggest')
    return args.distribution.type === 'categorical'
      ? args.distribution.choices[0]
      : args.distribution.low;
  return method === 'reportAndShouldPrune' || method === 'shouldPrune' ? false : null;
}

describe('runTrial', () => {
  const run = (
    objective: Parameters<typeof runTrial>[0]['run'],
    signal = new AbortController().signal,
    calls: TrialCall[] = [],
  ) => {
    const call = (async (method: TrialCall['method'], args: never) => {
      calls.push({ method, args } as TrialCall);
      return answer({ method, args } as TrialCall);
    }) as unknown as CallParent;
    return runTrial({ run: objective }, start, {
      call,
      signal,
      reportAhead: async () => false,
      onEpoch() {},
    });
  };

  it('gives the values', async () => {
    const outcome = await run(async (trial) => [
      trial.number,
      await trial.suggestFloat('x', 1, 2),
      await trial.suggestInt('n', 5, 7),
    ]);
    expect(outcome).toMatchObject({ state: 'complete', values: [3, 1, 5], checkpoint: null });
  });

  it('asks the parent once for each parameter', async () => {
    const calls: TrialCall[] = [];
    await run(
      async (trial) => {
        await trial.suggestFloat('x', 1, 2);
        await trial.suggestFloat('x', 1, 2);
        expect(trial.params).toEqual({ x: 1 });
        return 0;
      },
      undefined,
      calls,
    );
    expect(calls).toHaveLength(1);
  });

  it('tells pruning, failure and cancellation apart', async () => {
    const prune = async () => {
      throw new TrialPruned('enough');
    };
    const fail = async () => {
      throw new TypeError('no good');
    };
    const eat = async () => new Float64Array(2 ** 40).length;
    const aborted = AbortSignal.abort();
    expect(await run(prune)).toMatchObject({ state: 'pruned', message: 'enough' });
    expect(await run(fail)).toMatchObject({
      state: 'fail',
      failure: 'exception',
      error: { name: 'TypeError', message: 'no good' },
    });
    expect(await run(eat)).toMatchObject({ state: 'fail', error: { name: 'RangeError' } });
    expect(await run(fail, aborted)).toEqual({ state: 'cancelled' });
  });
});

describe('serveTrials', () => {
  function serve(prepare = prepareObjective) {
    const toChild = new EventEmitter();
    const heard: ChildMessage[] = [];
    const events = new EventEmitter();
    const send = (message: ParentMessage): void => void toChild.emit('message', message);
    serveTrials(
      {
        send(message) {
          heard.push(message);
          events.emit(message.type, message);
          if (message.type === 'call')
            setImmediate(send, { type: 'reply', id: message.id, result: answer(message.call) });
          if (message.type === 'epochs')
            setImmediate(send, { type: 'answer', id: message.batch.id, end: null });
        },
        onMessage: (listener) => toChild.on('message', listener),
      },
      prepare,
    );
    return { send, heard, events };
  }

  /** An objective that does this, in the place of a network. */
  const doing = (run: PreparedObjective['run']) => async (): Promise<PreparedObjective> => ({
    decision: { backend: 'cpu', engine: 'tfjs', reason: 'It trains nothing.' },
    run,
  });

  it('says what it trains with, then trains and shows every epoch', async () => {
    const { send, heard, events } = serve();
    send({ type: 'setup', setup });
    expect(await once(events, 'ready')).toMatchObject([{ decision: { engine: 'fused' } }]);
    send({ type: 'run', trial: start });
    const [finished] = (await once(events, 'finished')) as [ChildMessage];
    const epochs = heard.reduce(
      (sum, message) => sum + (message.type === 'epochs' ? countRows(message.batch) : 0),
      0,
    );
    expect(finished).toMatchObject({ outcome: { state: 'complete', userAttrs: { epochs } } });
  });

  it('says why it cannot', async () => {
    const { send, events } = serve();
    const backend = { backend: 'cpu', engine: 'fused' } as const;
    send({ type: 'setup', setup: { ...setup, backend } });
    expect(await once(events, 'unready')).toMatchObject([
      { error: { code: 'BACKEND_UNAVAILABLE' } },
    ]);
  });

  it('gives a trial up whose process takes too much memory', async () => {
    const { send, events } = serve();
    send({ type: 'setup', setup: { ...setup, memoryLimitBytes: 2 ** 20 } });
    await once(events, 'ready');
    send({ type: 'run', trial: start });
    expect(await once(events, 'finished')).toMatchObject([
      {
        outcome: {
          state: 'fail',
          failure: 'memory',
          error: { message: expect.stringMatching(/took \d+ MB of memory; its limit is 1 MB/) },
        },
      },
    ]);
  });

  it('tells the first epochs of each trial soon, however long the child has been there', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const nTold: number[] = [];
    const { send, heard, events } = serve(
      doing(async (_, { onEpoch, beforeSilence }) => {
        const accuracies = { trainAccuracy: null, valAccuracy: null };
        onEpoch({ epoch: 0, trainLoss: 1, valLoss: 1, seconds: 0.001, ...accuracies });
        beforeSilence?.(1);
        nTold.push(heard.filter(({ type }) => type === 'epochs').length);
        return 0;
      }),
    );
    send({ type: 'setup', setup });
    await once(events, 'ready');
    for (let trial = 0; trial < 2; trial++) {
      vi.advanceTimersByTime(60_000);
      send({ type: 'run', trial: start });
      await once(events, 'finished');
    }
    expect(nTold).toEqual([1, 2]);
  });

  it('gives up a trial that waits for an answer', async () => {
    const waits = Promise.withResolvers<void>();
    const { send, heard, events } = serve(
      doing(async (trial, { beforeSilence }) => {
        const answer = reportAhead(trial, 1, 0);
        beforeSilence?.(Infinity);
        await answer;
        // The next one is kept back: nobody is asked.
        const next = reportAhead(trial, 1, 1);
        waits.resolve();
        return (await next) ? 1 : 0;
      }),
    );
    send({ type: 'setup', setup });
    await once(events, 'ready');
    send({ type: 'run', trial: start });
    await waits.promise;
    expect(heard.filter(({ type }) => type === 'epochs')).toHaveLength(1);
    send({ type: 'cancel' });
    expect(await once(events, 'finished')).toMatchObject([{ outcome: { state: 'cancelled' } }]);
  });

  it('gives a trial up when told to', async () => {
    const { send, events } = serve();
    send({ type: 'setup', setup });
    await once(events, 'ready');
    send({ type: 'run', trial: start });
    await once(events, 'epochs');
    send({ type: 'cancel' });
    expect(await once(events, 'finished')).toMatchObject([{ outcome: { state: 'cancelled' } }]);
  });
});
