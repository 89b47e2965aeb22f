import type { SqlProgram } from '../program.ts';
import { v3_2_0_a } from './v3.2.0.a.ts';

/** A step from one revision of Optuna's schema to the next, doing what Optuna's own migration of that name does. */
export interface Migration {
  readonly from: string;
  readonly to: string;
  upgrade(): SqlProgram<void>;
}

/** Each takes up where the one before ends; the last ends at `HEAD`. */
export const MIGRATIONS: readonly Migration[] = [v3_2_0_a];
