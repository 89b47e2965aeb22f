import {
  calls,
  type Emit,
  type EventName,
  type Handlers,
} from '../../src-main/contract/contract.ts';
import { ContractError } from '../../src-main/contract/errors.ts';
import type { EpochReport } from '../../src-main/contract/runs.ts';
import type { TrialColumns } from '../../src-main/contract/trials.ts';
import { TrialNotFoundError } from '../../src-main/tuner/errors.ts';

export const studyKey = { storageId: '/tmp/ü.db', studyId: 1 };

/** Every kind of value that is hard on a wire. */
export const trialColumns: TrialColumns = {
  generation: 'ü🎲',
  revision: 2 ** 40,
  isComplete: true,
  trialIds: Int32Array.of(1, -1, 2 ** 31 - 1),
  numbers: Int32Array.of(0, 1, 2),
  states: Uint8Array.of(1, 2, 3),
  values: [Float64Array.of(NaN, Infinity, -Infinity), Float64Array.of(-0, 0.1, Number.MIN_VALUE)],
  startedAtMs: new Float64Array(3).fill(1_795_459_273_048.25),
  completedAtMs: new Float64Array(6).fill(NaN).subarray(1, 4),
  isFeasible: new Uint8Array(3),
  nIntermediate: new Int32Array(0),
  lastSteps: Int32Array.of(-1, -1, -1),
  lastValues: new Float64Array(3),
  params: [
    {
      name: 'lr',
      distribution: { type: 'categorical', choices: [null, true, NaN, 'a'] },
      values: Float64Array.of(0, 1, NaN),
    },
  ],
  userAttrs: [{ name: '__proto__', values: [null, { nested: [1, 'x', null] }, -0] }],
  deletedTrialIds: new Int32Array(0),
};

export const epochReport: EpochReport = {
  trialNumber: 3,
  epoch: 99,
  trainLoss: NaN,
  valLoss: Infinity,
  metrics: { accuracy: 1 },
};

/** Enough rows that the socket's own buffers cannot hold a few of them. */
export const manyTrialIds = new Int32Array(1_000_000).map((_, row) => row);

/**
 * Services whose behaviour the conformance suite can tell by calling them, in whatever process they
 * are: names of calls mean something else here than in the program.
 */
export function createFakeServices(): {
  handlers: Handlers;
  onEmit: (listener: Emit) => () => void;
  /** Forgets what happened. */
  reset: () => void;
} {
  const listeners = new Set<Emit>();
  const history: string[] = [];
  const emit: Emit = (name, payload) => {
    for (const listener of listeners) {
      listener(name, payload);
    }
  };

  const handlers: Partial<Handlers> = {
    'system.info': async () => ({
      appVersion: '1.2.3',
      shell: 'desktop',
      platform: 'linux',
      versions: {},
      nCores: 2,
      hasNativeDialogs: false,
      libraryPath: '/tmp/studies.db',
      canMoveLibrary: false,
      libraryProblem: null,
      canReveal: false,
      logPath: null,
    }),
    /** Hands back what it got, as the message of an error. */
    'trials.enqueue': async (input) => {
      throw new ContractError({ code: 'ECHO', message: 'echo', details: input });
    },
    'trials.changes': async ({ sinceRevision }) =>
      sinceRevision === 0 ? trialColumns : { ...trialColumns, trialIds: manyTrialIds },
    'trials.get': async ({ trialNumber }) => {
      switch (trialNumber) {
        case 0:
          throw new TrialNotFoundError('No trial has the number 0.');
        case 1:
          throw new TypeError('a fault of the program');
        case 2:
          throw 'a thrown string';
        default:
          // What no wire can carry must not break the wire.
          return { trialId: () => 1 } as never;
      }
    },
    /** Emits the event of that name. */
    'studies.setUserAttr': async ({ name }) => {
      const event = name as EventName;
      if (event === 'run.epochs') {
        emit(event, {
          key: studyKey,
          epochs: [epochReport, { ...epochReport, epoch: epochReport.epoch + 1 }],
        });
      } else if (event === 'trials.changed') {
        emit(event, { key: studyKey, revision: 7 });
      } else {
        emit('library.changed', {});
      }
    },
    /** Ends only when it is aborted; what happened is in `library.recentFiles`. */
    'studies.exportCsv': async (_input, { signal }) => {
      history.push('started');
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      history.push('aborted');
      signal.throwIfAborted();
      return null;
    },
    'library.recentFiles': async () => history,
    'studies.delete': async () => undefined,
    'runs.get': async () => null,
    'runs.log': async () => [],
  };
  const missing = Object.fromEntries(
    Object.keys(calls).map((name) => [
      name,
      () => Promise.reject(new Error(`${name} is not part of the suite`)),
    ]),
  );
  return {
    handlers: { ...missing, ...handlers } as Handlers,
    onEmit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reset: () => void history.splice(0),
  };
}
