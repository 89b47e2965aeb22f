/**
 * What turns convolutions, as `ConvLayerPlan` defines them, into dense layers, and pooling. An image is a matrix, one row per pixel and one column per
 * channel, so norms, activations and dropout need know nothing of it, and a convolution is a dense layer over the windows around the pixels. That is one matrix
 * product, which every backend is good at: tfjs's own convolutions take minutes on cpu where this takes seconds, and those of wasm have no gradient of their own.
 */
import type { Tfjs } from '../../backends.ts';
import { pixelsOf } from '../../plan.ts';
import type { ImageShape } from '../../plan.ts';
import type { Layer } from './layer.ts';

/** A side of a window or of a pool along both axes. */
interface Extent {
  readonly height: number;
  readonly width: number;
}

/** From pixels to the windows around them: row by row, channels innermost, zeros beyond the edges. */
export function createWindows(tf: Tfjs, image: ImageShape, size: Extent): Layer {
  const { channels } = image;
  const nTaps = size.height * size.width * channels;
  const forEachStretch = createStretches(image, size);
  return {
    forward(input) {
      const nRows = input.shape[0];
      const x = input.dataSync() as Float32Array;
      const windows = new Float32Array(nRows * nTaps);
      forEachStretch(nRows, (pixel, tap, length) => {
        for (let i = 0; i < length; i++) windows[tap + i] = x[pixel + i] as number;
      });
      return {
        output: tf.tensor2d(windows, [nRows, nTaps]),
        backward(gradient) {
          const dy = gradient.dataSync() as Float32Array;
          const dx = new Float32Array(x.length);
          forEachStretch(nRows, (pixel, tap, length) => {
            for (let i = 0; i < length; i++)
              dx[pixel + i] = (dx[pixel + i] as number) + (dy[tap + i] as number);
          });
          return tf.tensor2d(dx, input.shape);
        },
      };
    },
  };
}

/** Visits what lies side by side both in the image and in a window: where it begins in the arrays of the two, and how long it is. */
function createStretches({ height, width, channels }: ImageShape, size: Extent) {
  const top = Math.floor((size.height - 1) / 2);
  const left = Math.floor((size.width - 1) / 2);
  const nPixels = height * width;
  return (nRows: number, visit: (pixel: number, tap: number, length: number) => void): void => {
    let tap = 0;
    for (let first = 0; first < nRows; first += nPixels)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          const from = Math.max(0, column - left);
          const to = Math.min(width, column - left + size.width);
          for (let k = 0; k < size.height; k++, tap += size.width * channels) {
            const at = row + k - top;
            if (at < 0 || at >= height) continue;
            const pixel = (first + at * width + from) * channels;
            visit(pixel, tap + (from - column + left) * channels, (to - from) * channels);
          }
        }
  };
}

/** Takes the largest of each window of pixels; windows do not overlap. Of equal ones the first gets the gradient. */
export function createMaxPool(
  tf: Tfjs,
  { height, width, channels }: ImageShape,
  size: Extent,
): Layer {
  const [nRowsOut, nColumnsOut] = [
    Math.floor(height / size.height),
    Math.floor(width / size.width),
  ];
  return {
    forward(input) {
      const x = input.dataSync() as Float32Array;
      const nImages = input.shape[0] / (height * width);
      const shape: [number, number] = [nImages * nRowsOut * nColumnsOut, channels];
      const output = new Float32Array(shape[0] * channels);
      const origins = new Int32Array(output.length);
      let at = 0;
      for (let image = 0; image < nImages; image++)
        for (let row = 0; row < nRowsOut; row++)
          for (let column = 0; column < nColumnsOut; column++)
            for (let channel = 0; channel < channels; channel++, at++) {
              const corner = (image * height + row * size.height) * width + column * size.width;
              let best = corner * channels + channel;
              for (let y = 0; y < size.height; y++)
                for (let z = 0; z < size.width; z++) {
                  const i = (corner + y * width + z) * channels + channel;
                  if ((x[i] as number) > (x[best] as number)) best = i;
                }
              origins[at] = best;
              output[at] = x[best] as number;
            }
      return {
        output: tf.tensor2d(output, shape),
        backward(gradient) {
          const dy = gradient.dataSync() as Float32Array;
          const dx = new Float32Array(x.length);
          for (let i = 0; i < dy.length; i++) dx[origins[i] as number] = dy[i] as number;
          return tf.tensor2d(dx, input.shape);
        },
      };
    },
  };
}

/** From rows of a table to pixels. */
export function createToPixels(tf: Tfjs, image: ImageShape): Layer {
  return createReshape(tf, image.channels, pixelsOf(image));
}

/** From pixels to one row per image. */
export function createFlatten(tf: Tfjs, image: ImageShape): Layer {
  return createReshape(tf, pixelsOf(image), image.channels);
}

function createReshape(tf: Tfjs, width: number, widthBefore: number): Layer {
  return {
    forward: (input) => ({
      output: tf.reshape(input, [-1, width]),
      backward: (gradient) => tf.reshape(gradient, [-1, widthBefore]),
    }),
  };
}
