import type { Tfjs } from '../../backends.ts';
import { imagesOf, sizeOf, weightInfos } from '../../plan.ts';
import type {
  ConvolutionPlan,
  ImageShape,
  NetworkPlan,
  WeightInfo,
  WeightRole,
} from '../../plan.ts';
import type { Activation, Norm } from '../../vocabulary.ts';
import { createActivations } from './activations.ts';
import type { TfjsActivation } from './activations.ts';
import { createFlatten, createMaxPool, createToPixels, createWindows } from './convolution.ts';
import { createActivationLayer, createDense, createDropout } from './dense.ts';
import { createEmbeddings } from './embedding.ts';
import { chain } from './layer.ts';
import type { Layer, WeightStore } from './layer.ts';
import { createBatchNorm, createLayerNorm } from './norm.ts';
import { createResidual } from './residual.ts';

/** The layers of a network, each reading its weights from the store when it runs. */
export function createLayers(
  tf: Tfjs,
  network: NetworkPlan,
  store: WeightStore,
  dropoutSeed: number,
): Layer {
  const activations = createActivations(tf);
  const infos = weightInfos(network);
  const placeOf = (part: WeightInfo['part'], layer: number, role: WeightRole): number =>
    infos.findIndex((info) => info.part === part && info.layer === layer && info.role === role);
  const norm = (kind: Exclude<Norm, 'none'>, part: WeightInfo['part'], layer: number): Layer =>
    (kind === 'batch' ? createBatchNorm : createLayerNorm)(
      tf,
      store,
      placeOf(part, layer, 'normScale'),
    );
  const dropout = (rate: number, layer: number): Layer[] =>
    rate > 0 ? [createDropout(tf, dropoutSeed, layer, rate)] : [];
  const dense = (
    layer: number,
    activation: TfjsActivation,
    part: WeightInfo['part'] = 'dense',
  ): Layer => {
    const at = placeOf(part, layer, 'kernel');
    const { shape } = infos[at] as WeightInfo;
    const nUnits = shape.at(-1) as number;
    const nInputs = sizeOf({ shape }) / nUnits;
    return createDense(tf, store, { at, nInputs, nUnits, activation, isFirst: at === 0 });
  };
  /** activation(norm(inputs · kernel + bias)) */
  const summed = (
    part: WeightInfo['part'],
    layer: number,
    { norm: kind, activation }: { norm: Norm; activation: Activation },
  ): Layer[] =>
    kind === 'none'
      ? [dense(layer, activations[activation], part)]
      : [
          dense(layer, activations.linear, part),
          norm(kind, part, layer),
          createActivationLayer(tf, activations[activation]),
        ];
  const projection = (layer: number) => {
    const at = placeOf('dense', layer, 'projection');
    if (at < 0) return null;
    const [nInputs, nUnits] = infos[at]?.shape as [number, number];
    return { at, nInputs, nUnits };
  };
  const convolution = (plan: ConvolutionPlan): Layer[] => {
    const images = imagesOf(plan);
    const blocks = plan.layers.flatMap((layer, i): Layer[] => {
      const image = images[i] as ImageShape;
      const window = { height: layer.kernelHeight, width: layer.kernelWidth };
      const pool = { height: layer.poolHeight, width: layer.poolWidth };
      const pooling =
        pool.height * pool.width > 1
          ? [createMaxPool(tf, { ...image, channels: layer.nFilters }, pool)]
          : [];
      return [
        createWindows(tf, image, window),
        ...summed('convolution', i, layer),
        ...pooling,
        ...dropout(layer.dropout, i),
      ];
    });
    const [first, last] = [images[0], images.at(-1)] as [ImageShape, ImageShape];
    return [createToPixels(tf, first), ...blocks, createFlatten(tf, last)];
  };

  const nBlocks = network.convolution?.layers.length ?? 0;
  const hidden = network.layers.flatMap((layer, i): Layer[] => {
    const layers = [...summed('dense', i, layer), ...dropout(layer.dropout, nBlocks + i)];
    return layer.skip === 'none' ? layers : [createResidual(tf, store, layers, projection(i))];
  });
  return chain([
    ...(network.embeddings.length > 0 ? [createEmbeddings(tf, store, network.embeddings)] : []),
    ...(network.convolution ? convolution(network.convolution) : []),
    ...hidden,
    dense(network.layers.length, activations.linear),
  ]);
}
