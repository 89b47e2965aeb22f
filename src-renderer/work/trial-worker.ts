import type { TrialColumns } from '../../src-main/contract/trials.ts';
import { text } from '../text.ts';
import { emptyTrialView, type TrialView } from '../trials/trial-view.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';
import type { Look, ShownTrials } from './shown-trials.ts';
import { runWork, type WorkArgs, type WorkName, type WorkResult } from './works.ts';

/** What of a `Worker` is used here. */
export interface WorkerLike {
  postMessage(request: WorkerRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What is asked for, and of which trials. */
export interface WorkRequest<Name extends WorkName> {
  readonly trials: ShownTrials;
  readonly args: WorkArgs<Name>;
}

/** The result together with what it was computed from: its rows are rows of these trials. */
export interface WorkAnswer<Name extends WorkName> extends WorkRequest<Name> {
  readonly value: WorkResult<Name>;
}

/** Up to so many trials all charts of a page together take less than a frame, and the answer is there at once. */
const MAX_DIRECT = 2000;

/** A work on its way. */
interface Errand {
  readonly name: WorkName;
  readonly request: WorkRequest<WorkName>;
  readonly isSecondTry: boolean;
  readonly onAnswer: (value: unknown) => void;
  readonly onFailure: () => void;
}

/** After so many workers in a row that went down without an answer no further one is started: their script cannot be had. */
const MAX_SILENT = 2;

/**
 * One study's worker: started when a study with many trials is first looked at, kept up with every change, and started anew should
 * it go down. Where workers do not even begin, everything is computed in place.
 */
export class TrialWorker {
  #start: (() => WorkerLike) | null;
  #nSilent = 0;
  #worker: WorkerLike | null = null;
  /** What the worker has, once it was told. */
  #view: TrialView = emptyTrialView;
  #generation = '';
  /** What is in the table, but not shown yet. */
  #unpublished: TrialColumns[] = [];
  #look: Look | null = null;
  #errands = new Map<number, Errand>();
  #nErrands = 0;
  #isClosed = false;

  /** @param start Null where there are no workers: then everything is computed in place. */
  constructor(start: (() => WorkerLike) | null = defaultStart()) {
    this.#start = start;
  }

  /** Every change the table takes, in order. */
  note(change: TrialColumns): void {
    this.#unpublished.push(change);
  }

  /** What is shown from now on: all trials with every change noted so far. `generation`: of the table they are from. */
  publish(all: TrialView, generation: string): void {
    this.#view = all;
    this.#generation = generation;
    for (const change of this.#unpublished) this.#worker?.postMessage({ kind: 'change', change });
    this.#unpublished = [];
  }

  /** The result where it can be computed in place in no time, or null. */
  direct<Name extends WorkName>(
    name: Name,
    { trials, args }: WorkRequest<Name>,
  ): WorkAnswer<Name> | null {
    if (this.#start && sizeOf({ trials, args }) > MAX_DIRECT) return null;
    return { trials, args, value: runWork(name, trials, args) };
  }

  /** One kind of work for one place: of what is asked for while an answer is on its way, only the newest is computed. */
  createAsker<Name extends WorkName>(
    name: Name,
    onAnswer: (answer: WorkAnswer<Name>) => void,
  ): (request: WorkRequest<Name>) => void {
    let isBusy = false;
    let asked: WorkRequest<Name> | null = null;
    let next: WorkRequest<Name> | null = null;
    const goOn = (): void => {
      isBusy = false;
      const request = next;
      next = null;
      // Trials shown no longer are not worth it: whoever still looks has asked anew.
      if (request && this.#isCurrent(request)) send(request);
    };
    const send = (request: WorkRequest<Name>): void => {
      isBusy = true;
      this.#send({
        name,
        request,
        isSecondTry: false,
        onAnswer: (value) => {
          onAnswer({ ...request, value: value as WorkResult<Name> });
          goOn();
        },
        onFailure: goOn,
      });
    };
    return (request) => {
      if (request === asked) return;
      asked = request;
      if (isBusy) next = request;
      else send(request);
    };
  }

  /** For good: what is still on the page asks in vain. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#errands.clear();
  }

  #isCurrent({ trials }: WorkRequest<WorkName>): boolean {
    return trials.all === this.#view;
  }

  #send(errand: Errand): void {
    if (this.#isClosed) return;
    if (!this.#start) {
      this.#runHere(errand);
      return;
    }
    const worker = (this.#worker ??= this.#open(this.#start));
    const { look } = errand.request.trials;
    if (this.#look !== look) worker.postMessage({ kind: 'look', look });
    this.#look = look;
    const id = this.#nErrands++;
    const { name, request } = errand;
    worker.postMessage({ kind: 'work', id, name, args: request.args });
    this.#errands.set(id, errand);
  }

  #open(start: () => WorkerLike): WorkerLike {
    const worker = start();
    let hasAnswered = false;
    worker.onmessage = ({ data }) => {
      hasAnswered = true;
      this.#nSilent = 0;
      const errand = this.#errands.get(data.id);
      this.#errands.delete(data.id);
      if ('value' in data) errand?.onAnswer(data.value);
      else {
        reportError(data.error);
        errand?.onFailure();
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (!hasAnswered) this.#nSilent++;
      if (this.#nSilent >= MAX_SILENT) this.#start = null;
      else reportError(new Error(text.errors.workerDown(event.message ?? '')));
      this.#recover();
    };
    worker.postMessage({ kind: 'change', change: allColumns(this.#view, this.#generation) });
    return worker;
  }

  /** Starts anew. What the worker went down over twice is computed in place. */
  #recover(): void {
    this.#stop();
    const errands = [...this.#errands.values()];
    this.#errands.clear();
    for (const errand of errands) {
      if (!this.#isCurrent(errand.request)) errand.onFailure();
      else if (!errand.isSecondTry) this.#send({ ...errand, isSecondTry: true });
      else this.#runHere(errand);
    }
  }

  #runHere({ name, request, onAnswer, onFailure }: Errand): void {
    try {
      onAnswer(runWork(name, request.trials, request.args));
    } catch (error) {
      reportError(error);
      onFailure();
    }
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#look = null;
  }
}

function defaultStart(): (() => WorkerLike) | null {
  if (typeof Worker === 'undefined') return null;
  return () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

/** How many trials there are to go through; four reports weigh as much as one. */
function sizeOf({ trials, args }: WorkRequest<WorkName>): number {
  const nReports = args && 'curves' in args ? args.curves.values.length : 0;
  return Math.max(trials.view.nTrials, nReports / 4);
}

/** The trials as the main side sends all of them at once. */
function allColumns(
  { nTrials: _, marks: _marks, ...columns }: TrialView,
  generation: string,
): TrialColumns {
  return { ...columns, generation, isComplete: true, deletedTrialIds: new Int32Array() };
}
