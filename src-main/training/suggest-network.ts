import type { Trial } from '../tuner/trial/trial.ts';
import type { CategoryBlock } from './datasets/dataset.ts';
import { resolve, resolveLayers } from './hyperparameter.ts';
import type { PerLayer } from './hyperparameter.ts';
import { checkImage } from './network-shape.ts';
import type { ConvLayerPlan, ConvolutionPlan, EmbeddingPlan } from './plan.ts';
import type { NetworkStudySpec } from './spec.ts';
import type { Activation, Embedding, Initializer, Norm } from './vocabulary.ts';

/** The part of a trial that plans need. */
export type Suggester = Pick<Trial, 'suggest'>;

/** Tables without category columns are not asked for any. */
export async function suggestEmbeddings(
  trial: Suggester,
  { embedding, embeddingDims }: NetworkStudySpec['network'],
  categories: readonly CategoryBlock[],
): Promise<EmbeddingPlan[]> {
  if (categories.length === 0) return [];
  const kind = await resolve<Embedding>(trial, 'embedding', embedding);
  if (kind === 'none') return [];
  const dims = kind === 'dims' ? await resolve(trial, 'embedding_dims', embeddingDims ?? 8) : 0;
  return categories.map(({ column, start, size }) => ({
    column,
    start,
    nCategories: size,
    nDims: kind === 'dims' ? Math.min(dims, size) : Math.min(50, Math.ceil(size / 2)),
  }));
}

/** null for networks without. */
export async function suggestConvolution(
  trial: Suggester,
  { type, image, conv }: NetworkStudySpec['network'],
  nFeatures: number,
): Promise<ConvolutionPlan | null> {
  if (!image || !conv) return null;
  checkImage(image, nFeatures);
  const depth =
    conv.depth === undefined
      ? (conv.filters as unknown[]).length
      : await resolve(trial, 'n_conv_layers', conv.depth);
  const perBlock = <T extends number | string>(name: string, value: PerLayer<T>): Promise<T[]> =>
    resolveLayers(trial, name, value, depth);
  const filters = await perBlock('conv_filters_layer_{layer}', conv.filters);
  const kernels = await perBlock('conv_kernel', conv.kernel);
  const pools = await perBlock('conv_pool', conv.pool);
  const activations = await perBlock<Activation>('conv_activation', conv.activation);
  const inits = await perBlock<Initializer>('conv_init', conv.init);
  const norms = await perBlock<Norm>('conv_norm', conv.norm);
  const dropouts = await perBlock('conv_dropout_rate', conv.dropout);
  let { height, width } = image;
  const layers = filters.map((nFilters, i): ConvLayerPlan => {
    const [kernel, pool] = [kernels[i], pools[i]] as [number, number];
    const [poolHeight, poolWidth] = [Math.min(pool, height), Math.min(pool, width)];
    height = Math.floor(height / poolHeight);
    width = Math.floor(width / poolWidth);
    return {
      nFilters,
      kernelHeight: type === 'conv1d' ? 1 : kernel,
      kernelWidth: kernel,
      norm: norms[i] as Norm,
      activation: activations[i] as Activation,
      poolHeight,
      poolWidth,
      dropout: dropouts[i] as number,
      init: inits[i] as Initializer,
    };
  });
  return { image, layers };
}
