import { run } from '../program.ts';
import type { Migration } from './index.ts';

/**
 * Optuna 3.2: an index on the study of a trial. Optuna's migration names it `trials_study_id_key`; here it gets the name it has in a new
 * database, so that both end with the same schema. To Optuna the name means nothing.
 */
export const v3_2_0_a: Migration = {
  from: 'v3.0.0.d',
  to: 'v3.2.0.a',
  *upgrade() {
    yield* run('CREATE INDEX IF NOT EXISTS ix_trials_study_id ON trials (study_id)');
  },
};
