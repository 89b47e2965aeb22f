import fc from 'fast-check';

/**
 * Property tests try the same cases in every run, so that a change is judged by the change. `FAST_CHECK_SEED=$RANDOM npm test` tries others.
 */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_261_123) });
