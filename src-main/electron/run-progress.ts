import type { RunState, RunStatus } from '../contract/runs.ts';

const activeStates: readonly RunState[] = ['starting', 'running', 'pausing', 'stopping'];

/** What the taskbar or dock shows: a part between 0 and 1, 'unknown', or null for nothing. */
export type Progress = number | 'unknown' | null;

/** Follows the runs of all studies for the parts of the desktop that are outside the window. */
export class RunProgress {
  readonly #active = new Map<string, RunStatus>();

  /** @returns The run when it has just ended by itself, not by the user's wish; else null. */
  update(status: RunStatus): RunStatus | null {
    const id = `${status.key.storageId}\n${status.key.studyId}`;
    if (activeStates.includes(status.state)) {
      this.#active.set(id, status);
      return null;
    }
    const wasActive = this.#active.delete(id);
    return wasActive && status.state !== 'paused' ? status : null;
  }

  get nActive(): number {
    return this.#active.size;
  }

  /** How the runs stand, in a few words. */
  get summary(): string {
    const { nActive, progress } = this;
    if (nActive === 0) {
      return 'No study is running';
    }
    const studies = nActive === 1 ? '1 study is running' : `${nActive} studies are running`;
    return typeof progress === 'number'
      ? `${studies}, ${Math.floor(progress * 100)}% done`
      : studies;
  }

  /** The runs, those that began first in front. */
  get active(): readonly RunStatus[] {
    return [...this.#active.values()];
  }

  /** Of all runs together. */
  get progress(): Progress {
    const runs = this.active;
    if (runs.length === 0) {
      return null;
    }
    let finished = 0;
    let target = 0;
    for (const { finishedTrials, targetTrials } of runs) {
      if (targetTrials === null) {
        return 'unknown';
      }
      finished += Math.min(finishedTrials, targetTrials);
      target += targetTrials;
    }
    return target === 0 ? 'unknown' : finished / target;
  }
}

/** A run in one line. */
export function runLine(
  studyName: string,
  { finishedTrials, targetTrials }: Pick<RunStatus, 'finishedTrials' | 'targetTrials'>,
): string {
  const trials = finishedTrials === 1 ? '1 trial' : `${finishedTrials} trials`;
  return targetTrials === null
    ? `${studyName}: ${trials}`
    : `${studyName}: ${finishedTrials} of ${targetTrials} trials`;
}

/** Title and text of the notification that a run ended. */
export function endOfRunNotice(
  studyName: string,
  status: RunStatus,
): { title: string; body: string } {
  const trials = `${status.finishedTrials} ${status.finishedTrials === 1 ? 'trial' : 'trials'}`;
  return status.state === 'failed'
    ? { title: `${studyName} stopped`, body: status.error?.message ?? 'The run failed.' }
    : { title: `${studyName} has finished`, body: `${trials} done.` };
}
