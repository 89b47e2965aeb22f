/**
 * Who runs a trial, and whether they still live. What the operating system knows comes from outside (`open-storage.ts`), so that the
 * tuner itself needs no Node.
 */
import { OWNER } from '../system-attrs.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import { HEARTBEAT_GRACE_MS, type Owner } from './storage.ts';

/** What a storage must know of the process it lives in. */
export interface ProcessInfo {
  /** Recorded with every trial this storage object starts. */
  readonly owner: Owner;
  /** Whether the owner's process still runs; null where that cannot be known from here (another host). */
  isAlive(owner: Owner): boolean | null;
}

/** What the operating system must tell for a `ProcessInfo`. */
export interface ProcessSystem {
  readonly host: string;
  readonly pid: number;
  /** A text that differs between two processes that had the same id one after the other; empty where unknown. */
  processStart(pid: number): string;
  isRunning(pid: number): boolean;
}

export function createProcessInfo(system: ProcessSystem): ProcessInfo {
  const owner: Owner = {
    id: crypto.randomUUID(),
    host: system.host,
    pid: system.pid,
    processStart: system.processStart(system.pid),
  };
  return {
    owner,
    isAlive(other) {
      if (other.id === owner.id) return true;
      if (other.host !== owner.host) return null;
      if (!system.isRunning(other.pid)) return false;
      const start = system.processStart(other.pid);
      return start === '' || other.processStart === '' || start === other.processStart;
    },
  };
}

/** For storages that no other process can reach. */
export function createLocalProcessInfo(): ProcessInfo {
  return createProcessInfo({ host: '', pid: 0, processStart: () => '', isRunning: () => true });
}

/** The recorded owner of a trial, or null. */
export function ownerOf(trial: FrozenTrial): Owner | null {
  const value = trial.systemAttrs[OWNER];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { id, host, pid, processStart } = value as Partial<Owner>;
  return typeof id === 'string' &&
    typeof host === 'string' &&
    typeof pid === 'number' &&
    typeof processStart === 'string'
    ? { id, host, pid, processStart }
    : null;
}

/** Whether the trial still runs for who claimed it: the owner of that id, or null where none was recorded. */
export function isRunBy(trial: FrozenTrial, ownerId: string | null): boolean {
  return trial.state === 'running' && (ownerOf(trial)?.id ?? null) === ownerId;
}

/**
 * Whether the trial runs nowhere any more: its owner is known to be gone, or cannot be asked and has not been heard of for
 * `HEARTBEAT_GRACE_MS`. Trials without a recorded owner never are.
 */
export function isOrphaned(
  trial: FrozenTrial,
  lastHeartbeatMs: number | null,
  now: number,
  processInfo: ProcessInfo,
): boolean {
  const owner = ownerOf(trial);
  if (trial.state !== 'running' || owner === null) return false;
  const isAlive = processInfo.isAlive(owner);
  if (isAlive !== null) return !isAlive;
  const lastSignMs = Math.max(lastHeartbeatMs ?? -Infinity, trial.startedAtMs ?? -Infinity);
  return now - lastSignMs > HEARTBEAT_GRACE_MS;
}
