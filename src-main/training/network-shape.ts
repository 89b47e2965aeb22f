import type { Shape } from './vocabulary.ts';

/**
 * Widths of `depth` hidden layers made of one.
 *
 * constant: all the same. pyramid: each layer smaller than the one before by the same factor, so that the outputs would come next (Masters 1993).
 * hourglass: half as wide from layer to layer up to the middle, then back.
 */
export function widthsOfShape(
  shape: Exclude<Shape, 'free'>,
  width: number,
  depth: number,
  nOutputs: number,
): number[] {
  const widthAt = (layer: number): number => {
    switch (shape) {
      case 'constant':
        return width;
      case 'pyramid':
        return width * (Math.min(nOutputs, width) / width) ** (layer / depth);
      case 'hourglass':
        return width / 2 ** Math.min(layer, depth - 1 - layer);
    }
  };
  return Array.from({ length: depth }, (_, layer) => Math.max(1, Math.round(widthAt(layer))));
}
