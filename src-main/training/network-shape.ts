import { SpecError } from './errors.ts';
import { pixelsOf } from './plan.ts';
import type { ImageShape } from './plan.ts';
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

/** @throws SpecError when rows of so many features are no images of this shape. */
export function checkImage(image: ImageShape, nFeatures: number): void {
  const { height, width, channels } = image;
  if (pixelsOf(image) === nFeatures) return;
  throw new SpecError('The spec', [
    {
      path: 'network.image',
      message: `must have height * width * channels = ${nFeatures}, the number of features that the table gives, but got ${height} * ${width} * ${channels} = ${pixelsOf(image)}. Columns that are no pixels can be left out under \`data.ignore\`.`,
    },
  ]);
}
