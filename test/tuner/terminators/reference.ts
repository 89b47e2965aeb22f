import { readFileSync } from 'node:fs';

export interface ReferenceFit {
  space: 'floats' | 'mixed';
  deterministic: boolean;
  points: number[][];
  values: number[];
  is_categorical: boolean[];
  inverse_squared_lengthscales: number[];
  kernel_scale: number;
  noise_var: number;
  loss: number;
  probes: number[][];
  mean: number[];
  variance: number[];
  covariance_of_first_two: number;
}

export interface TerminatorReference {
  beta: [number, number, number][];
  trials: Record<
    'floats' | 'mixed',
    { params: Record<string, number | string>; value: number; cv_scores: number[] }[]
  >;
  fits: ReferenceFit[];
  evaluators: {
    space: 'floats' | 'mixed';
    direction: 'minimize' | 'maximize';
    regret_bound: number[];
    emmr: number[];
    median_error_of_emmr: number;
    median_error_of_regret_bound: number;
    cross_validation_error: number;
  }[];
}

/** What real Optuna says: see `optuna/make_reference.py`, which wrote it. */
export function readTerminatorReference(): TerminatorReference {
  const file = new URL('optuna/reference.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as TerminatorReference;
}
