import type { SavedModel } from '../saved-model.ts';
import { weightsOf } from '../plan.ts';

/** All embeddings as one matrix, which passes the other features on. */
export function embeddingKernel({ network, weights }: SavedModel): {
  kernel: Float32Array;
  nUnits: number;
} {
  const { embeddings, nInputs } = network;
  const find = weightsOf('embedding', network, weights);
  const nUnits = embeddings.reduce(
    (sum, { nCategories, nDims }) => sum + nDims - nCategories,
    nInputs,
  );
  const kernel = new Float32Array(nInputs * nUnits);
  let [read, written] = [0, 0];
  const passUpTo = (end: number): void => {
    for (; read < end; read++, written++) kernel[read * nUnits + written] = 1;
  };
  embeddings.forEach(({ start, nCategories, nDims }, i) => {
    passUpTo(start);
    const matrix = find(i, 'embedding');
    for (let k = 0; k < nCategories; k++, read++)
      kernel.set(matrix.subarray(k * nDims, (k + 1) * nDims), read * nUnits + written);
    written += nDims;
  });
  passUpTo(nInputs);
  return { kernel, nUnits };
}
