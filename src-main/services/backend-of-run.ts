import { isNativeTensorFlowInstalled } from '../training/backends.ts';
import type { BackendRequest } from '../training/choose-backend.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import { keptBackend } from './kept-records.ts';

export interface RunBackend {
  readonly request: BackendRequest;
  /** Asked for, kept with the study, or left open until the first child has measured. */
  readonly origin: 'asked' | 'kept' | 'open';
}

/**
 * What to train with: what was asked for, or was kept, or is left open to the settings and to measuring. A choice that was left open
 * is kept with the study: a resumed one must not train its later trials with something that rounds otherwise.
 *
 * @param asked For this run. Default: the spec's.
 * @param open For a study that leaves it open and has not begun.
 */
export function backendOfRun(
  spec: NetworkStudySpec,
  study: FrozenStudy,
  {
    asked = spec.backend,
    open,
  }: { asked?: BackendRequest['backend']; open: BackendRequest['backend'] },
): RunBackend {
  const { engine } = spec;
  if (asked !== 'auto') return { request: { backend: asked, engine }, origin: 'asked' };
  const kept = keptBackend(study);
  if (kept && (kept.backend !== 'tfjs-node' || isNativeTensorFlowInstalled()))
    return { request: kept, origin: 'kept' };
  return { request: { backend: open, engine }, origin: 'open' };
}
