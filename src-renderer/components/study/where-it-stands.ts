import type { RunStatus } from '../../../src-main/contract/runs.ts';
import { text } from '../../text.ts';

export type StandingTone = 'live' | 'rest' | 'done' | 'problem';

/** The state of a study in a word, with its tone. */
export function studyStanding(
  run: RunStatus | null,
  facts: { isRunnable: boolean; nRunning: number; nFinished: number; target: number | null },
): { word: string; tone: StandingTone } {
  if (run) {
    const tones = {
      starting: 'live',
      running: 'live',
      pausing: 'live',
      stopping: 'live',
      paused: 'rest',
      finished: 'done',
      failed: 'problem',
    } as const;
    return { word: text.runStates[run.state], tone: tones[run.state] };
  }
  if (facts.nRunning > 0) return { word: text.study.watching, tone: 'live' };
  if (!facts.isRunnable) return { word: text.study.viewOnly, tone: 'rest' };
  if (facts.target !== null && facts.nFinished >= facts.target)
    return { word: text.runStates.finished, tone: 'done' };
  return { word: text.study.idle, tone: 'rest' };
}

/** How many trials the study's own spec plans; null: no limit, or no spec. */
export function plannedTrials(spec: Readonly<Record<string, unknown>> | null): number | null {
  const stop = spec?.stop;
  if (typeof stop !== 'object' || stop === null || !('trials' in stop)) return null;
  return typeof stop.trials === 'number' ? stop.trials : null;
}

/** What the study has begun with, and goes on with: `wasm (fused)`, and why, where that is known; null where nothing is kept. */
export function backendKept(
  systemAttrs: Readonly<Record<string, unknown>>,
): { name: string; reason: string | null } | null {
  const kept = systemAttrs['parzen:backend'];
  if (typeof kept !== 'object' || kept === null || !('backend' in kept)) return null;
  const { backend, engine, reason } = kept as Record<'backend' | 'engine' | 'reason', unknown>;
  if (typeof backend !== 'string') return null;
  return {
    name: typeof engine === 'string' && engine !== 'tfjs' ? `${backend} (${engine})` : backend,
    reason: typeof reason === 'string' ? reason : null,
  };
}
