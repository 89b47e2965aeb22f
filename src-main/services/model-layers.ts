import type { LayerSummary } from '../contract/models.ts';
import { sizeOf, weightInfos, type NetworkPlan } from '../training/plan.ts';

/** A network layer by layer, with the number of trained weights of each. */
export function summarizeLayers(network: NetworkPlan): LayerSummary[] {
  const infos = weightInfos(network);
  const count = (part: 'embedding' | 'dense', layer: number): number =>
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
  const orNull = (word: string): string | null => (word === 'none' ? null : word);
  const hidden = network.layers.map(
    ({ nUnits, activation, norm, dropout, skip }, i): LayerSummary => ({
      kind: 'hidden',
      name: null,
      nInputs: inputsOf(i),
      nUnits,
      activation,
      norm: orNull(norm),
      dropout,
      skip: orNull(skip),
      nParameters: count('dense', i),
    }),
  );
  const last = network.layers.length;
  return [
    ...embeddings,
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
