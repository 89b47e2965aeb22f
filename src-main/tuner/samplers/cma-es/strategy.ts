/** The constants of CMA-ES, which follow from the number of dimensions and the population size. */
export interface Strategy {
  /** Population size, lambda. */
  readonly popsize: number;
  /** How many of the population count as good, mu. */
  readonly nParents: number;
  /** Weights of the population from best to worst; those of the good ones are above 0 and sum to 1, the others are not. */
  readonly weights: Float64Array;
  /** Variance effective selection mass of the good ones, mu_eff. */
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly c1: number;
  readonly cMu: number;
  /** The expected length of a standard normal vector. */
  readonly chiN: number;
}

/** Equation (48). */
export function defaultPopsize(nDims: number): number {
  return 4 + Math.floor(3 * Math.log(nDims));
}

/**
 * Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772 (2016), table 1, equations (48) to (58).
 *
 * @param popsize At least 2.
 * @param isSeparable The covariance matrix is diagonal and so learned faster: Ros and Hansen, "A simple modification in CMA-ES achieving
 *   linear time and space complexity", PPSN 2008.
 */
export function createStrategy(nDims: number, popsize: number, isSeparable: boolean): Strategy {
  const nParents = Math.floor(popsize / 2);
  const raw = Float64Array.from(
    { length: popsize },
    (_, i) => Math.log((popsize + 1) / 2) - Math.log(i + 1),
  );
  const muEff = effectiveMass(raw.subarray(0, nParents));
  const muEffMinus = effectiveMass(raw.subarray(nParents));

  const speedUp = isSeparable ? (nDims + 2) / 3 : 1;
  const c1 = Math.min(1, speedUp * (2 / ((nDims + 1.3) ** 2 + muEff)));
  const cMu = Math.min(
    1 - c1,
    speedUp * ((2 * (muEff + 1 / muEff - 2)) / ((nDims + 2) ** 2 + muEff)),
  );
  const cSigma = (muEff + 2) / (nDims + muEff + 5);

  const limits = [1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (nDims * cMu)];
  const positive = sum(raw.map((weight) => Math.max(weight, 0)));
  const negative = sum(raw.map((weight) => Math.max(-weight, 0)));
  const weights = raw.map((weight) =>
    weight >= 0 ? weight / positive : (weight * Math.min(...limits)) / negative,
  );

  return {
    popsize,
    nParents,
    weights,
    muEff,
    c1,
    cMu,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (nDims + 1)) - 1) + cSigma,
    cC: (4 + muEff / nDims) / (nDims + 4 + (2 * muEff) / nDims),
    chiN: Math.sqrt(nDims) * (1 - 1 / (4 * nDims) + 1 / (21 * nDims ** 2)),
  };
}

function effectiveMass(weights: Float64Array): number {
  return sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
