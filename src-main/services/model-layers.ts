import type { LayerSummary } from '../contract/models.ts';
import {
  imagesOf,
  sizeOf,
  weightInfos,
  type ConvLayerPlan,
  type ImageShape,
  type NetworkPlan,
  type WeightInfo,
} from '../training/plan.ts';

/** A network layer by layer, with the number of trained weights of each. */
export function summarizeLayers(network: NetworkPlan): LayerSummary[] {
  const infos = weightInfos(network);
  const count = (part: WeightInfo['part'], layer: number): number =>
    infos
      .filter((info) => info.part === part && info.layer === layer && info.isTrainable)
      .reduce((sum, info) => sum + sizeOf(info), 0);
  const embeddings = network.embeddings.map(({ column, nCategories, nDims }, i): LayerSummary => ({
    kind: 'embedding',
    name: column,
    nInputs: nCategories,
    nUnits: nDims,
    activation: null,
    norm: null,
    dropout: 0,
    skip: null,
    nParameters: count('embedding', i),
  }));
  const inputsOf = (layer: number): number =>
    infos.find((info) => info.part === 'dense' && info.layer === layer && info.role === 'kernel')
      ?.shape[0] ?? 0;
  const hidden = network.layers.map((layer, i): LayerSummary => ({
    kind: 'hidden',
    name: null,
    nInputs: inputsOf(i),
    nUnits: layer.nUnits,
    ...settingsOf(layer),
    skip: layer.skip === 'none' ? null : layer.skip,
    nParameters: count('dense', i),
  }));
  const images = network.convolution ? imagesOf(network.convolution) : [];
  const convolutions = (network.convolution?.layers ?? []).map((block, i): LayerSummary => ({
    kind: 'convolution',
    name: `${block.kernelHeight} × ${block.kernelWidth}${block.poolHeight * block.poolWidth > 1 ? `, pool ${block.poolHeight} × ${block.poolWidth}` : ''}`,
    nInputs: (images[i] as ImageShape).channels,
    nUnits: block.nFilters,
    ...settingsOf(block),
    skip: null,
    nParameters: count('convolution', i),
  }));
  const last = network.layers.length;
  return [
    ...embeddings,
    ...convolutions,
    ...hidden,
    {
      kind: 'output',
      name: null,
      nInputs: inputsOf(last),
      nUnits: network.nOutputs,
      activation: null,
      norm: null,
      dropout: 0,
      skip: null,
      nParameters: count('dense', last),
    },
  ];
}

function settingsOf({
  activation,
  norm,
  dropout,
}: Pick<ConvLayerPlan, 'activation' | 'norm' | 'dropout'>): Pick<
  LayerSummary,
  'activation' | 'norm' | 'dropout'
> {
  return { activation, norm: norm === 'none' ? null : norm, dropout };
}
