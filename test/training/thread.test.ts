import { getEventListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runInThread } from '../../src-main/training/thread.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';

/** A program that a thread runs, with `say` to reply. */
function programOf(code: string): string {
  const path = join(temporaryFolder(), 'program.mjs');
  writeFileSync(
    path,
    `import { parentPort, workerData } from 'node:worker_threads';
     const say = (reply) => parentPort.postMessage(reply);
     ${code}`,
  );
  return path;
}

const told: number[] = [];
const options = {
  onProgress: (progress: number) => void told.push(progress),
  toError: (message: string) => new RangeError(message),
};

describe('runInThread', () => {
  it('gives what the program makes of its task, and tells how far it is', async () => {
    const program = programOf(`say({ type: 'progress', progress: 1 });
      say({ type: 'done', result: workerData.a + 1 });`);
    expect(await runInThread(program, { a: 2 }, options)).toBe(3);
    expect(told).toEqual([1]);
  });

  it('throws what the program refuses, what it dies of, and that it said nothing', async () => {
    const refusing = programOf(`say({ type: 'refused', message: 'too long' });`);
    await expect(runInThread(refusing, null, options)).rejects.toThrow(new RangeError('too long'));
    const dying = programOf(`throw new TypeError('a mistake');`);
    await expect(runInThread(dying, null, options)).rejects.toThrow('a mistake');
    const onCrash = (error: Error): Error => new RangeError(`died of ${error.message}`);
    await expect(runInThread(dying, null, { ...options, onCrash })).rejects.toThrow(
      new RangeError('died of a mistake'),
    );
    await expect(runInThread(programOf(''), null, options)).rejects.toThrow('without a result');
  });

  it('ends the thread when it is aborted, and begins none that was aborted before', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const program = programOf('for (;;) Atomics.add(workerData, 0, 1);');
    const abort = new AbortController();
    const given = runInThread(program, counter, { ...options, signal: abort.signal });
    await eventually(() => expect(Atomics.load(counter, 0)).not.toBe(0));
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    await eventually(async () => {
      const before = Atomics.load(counter, 0);
      await sleep(50);
      expect(Atomics.load(counter, 0)).toBe(before);
    });

    counter[0] = 0;
    await expect(
      runInThread(program, counter, { ...options, signal: abort.signal }),
    ).rejects.toThrow('enough');
    await sleep(50);
    expect(counter[0]).toBe(0);
  });

  it('lets go of the signal when the thread has ended', async () => {
    const { signal } = new AbortController();
    await runInThread(programOf(`say({ type: 'done', result: 1 });`), null, { ...options, signal });
    await eventually(() => expect(getEventListeners(signal, 'abort')).toEqual([]));
  });
});
