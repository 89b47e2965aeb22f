import type { TrialColumns } from '../../src-main/contract/trials.ts';
import type { Look } from './shown-trials.ts';
import type { WorkName } from './works.ts';

/** To the worker, which takes them in their order. */
export type WorkerRequest =
  | { readonly kind: 'change'; readonly change: TrialColumns }
  | { readonly kind: 'look'; readonly look: Look }
  | {
      readonly kind: 'work';
      readonly id: number;
      readonly name: WorkName;
      readonly args: unknown;
    };

/** From the worker, for each work asked for. */
export type WorkerAnswer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: Error };
