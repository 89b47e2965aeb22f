import type { Tfjs } from '../../backends.ts';
import type { EmbeddingPlan } from '../../plan.ts';
import type { Layer, WeightStore } from './layer.ts';

/** Replaces the features of category columns by their embeddings, where they stand. The first layer; its matrices are the first arrays of the store. */
export function createEmbeddings(
  tf: Tfjs,
  store: WeightStore,
  embeddings: readonly EmbeddingPlan[],
): Layer {
  const added = embeddings.reduce((sum, { nCategories, nDims }) => sum + nDims - nCategories, 0);
  return {
    forward(input) {
      const [nRows, nFeatures] = input.shape;
      const nUnits = nFeatures + added;
      const x = input.dataSync() as Float32Array;
      const output = new Float32Array(nRows * nUnits);
      for (let row = 0; row < nRows; row++) {
        let from = row * nFeatures;
        let to = row * nUnits;
        const copyUpTo = (end: number): void => {
          while (from < end) output[to++] = x[from++] as number;
        };
        embeddings.forEach(({ start, nCategories, nDims }, which) => {
          copyUpTo(row * nFeatures + start);
          const matrix = store.weights[which] as Float32Array;
          for (let k = 0; k < nCategories; k++) {
            const share = x[from++] as number;
            if (share === 0) continue;
            for (let dim = 0; dim < nDims; dim++)
              output[to + dim] =
                (output[to + dim] as number) + share * (matrix[k * nDims + dim] as number);
          }
          to += nDims;
        });
        copyUpTo((row + 1) * nFeatures);
      }
      return {
        output: tf.tensor2d(output, [nRows, nUnits]),
        backward(gradient) {
          const dy = gradient.dataSync() as Float32Array;
          let shift = 0;
          embeddings.forEach(({ start, nCategories, nDims }, which) => {
            const ofMatrix = new Float32Array(nCategories * nDims);
            for (let row = 0; row < nRows; row++)
              for (let k = 0; k < nCategories; k++) {
                const share = x[row * nFeatures + start + k] as number;
                if (share === 0) continue;
                const at = row * nUnits + start + shift;
                for (let dim = 0; dim < nDims; dim++)
                  ofMatrix[k * nDims + dim] =
                    (ofMatrix[k * nDims + dim] as number) + share * (dy[at + dim] as number);
              }
            store.gradients[which] = ofMatrix;
            shift += nDims - nCategories;
          });
          return null;
        },
      };
    },
  };
}
