import { markView } from '../trials/marks.ts';
import { TrialTable } from '../trials/trial-table.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';
import { createShownTrials, type Look, type ShownTrials } from './shown-trials.ts';
import { runWork } from './works.ts';

/**
 * The worker's side: keeps a copy of a study's trials, and computes from it what is asked for.
 *
 * @param answer Sends an answer; the buffers change hands.
 */
export function createDispatcher(
  answer: (answer: WorkerAnswer, transfer: ArrayBuffer[]) => void,
): (request: WorkerRequest) => void {
  const table = new TrialTable();
  let look: Look | null = null;
  let shown: ShownTrials | null = null;

  function show(look: Look): ShownTrials {
    const all = table.view();
    return createShownTrials(all, markView(all, look.annotations, look.showsHidden), look);
  }

  return (request) => {
    if (request.kind === 'work') {
      const { id, name, args } = request;
      try {
        if (!look) throw new Error('Nobody said how the trials are looked at.');
        shown ??= show(look);
        const value = runWork(name, shown, args as never);
        answer({ id, value }, buffersOf(value, keptBuffers(shown)));
      } catch (error) {
        answer({ id, error: error instanceof Error ? error : new Error(String(error)) }, []);
      }
      return;
    }
    shown = null;
    if (request.kind === 'look') look = request.look;
    else table.apply(request.change);
  };
}

/** The buffers of what the next work needs too: a result that shares one of them is copied. */
function keptBuffers({ view, filtered }: ShownTrials): Set<ArrayBufferLike> {
  const { params, values, marks: _marks, userAttrs: _attrs, ...columns } = view;
  const arrays = [
    ...Object.values(columns).filter((column) => ArrayBuffer.isView(column)),
    ...values,
    ...params.map((param) => param.values),
    filtered.rows,
    ...(filtered.mask ? [filtered.mask] : []),
  ];
  return new Set(arrays.map(({ buffer }) => buffer));
}

function buffersOf(value: unknown, kept: Set<ArrayBufferLike>): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer && !kept.has(part.buffer)) found.add(part.buffer);
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...found];
}
