import { TunerError } from '../../tuner/errors.ts';
import { encodeModel } from '../saved-model.ts';
import type { SavedModel } from '../saved-model.ts';
import { describeModel } from './inputs.ts';
import { nodeScript, pytorchScript, type WrittenAs } from './scripts.ts';
import { toLayersModel } from './tfjs-layers.ts';

/** Forms that a trained network can be handed on in. */
export type ModelFormat = 'tfjs' | 'node' | 'pytorch' | 'onnx' | 'safetensors';

export interface ModelFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** The network, or what it was trained for, cannot be written in the form asked for. */
class ModelExportError extends TunerError {
  constructor(message: string) {
    super('EXPORT_FAILED', message);
  }
}

/**
 * @param models At least one; several answer with the mean.
 * @param table For scripts that read tables.
 * @throws ModelExportError
 */
export async function exportModel(
  models: readonly SavedModel[],
  format: ModelFormat,
  table: WrittenAs = {},
): Promise<ModelFile[]> {
  const file = (name: string, content: string | Uint8Array): ModelFile => ({
    name,
    content: typeof content === 'string' ? new TextEncoder().encode(content) : content,
  });
  switch (format) {
    case 'node':
      return [file('predict.mjs', nodeScript(models, table))];
    case 'pytorch':
      return [file('predict.py', pytorchScript(models, table))];
    case 'onnx': {
      // Brings protobufjs along, which nothing else needs.
      const { toOnnx } = await import('./onnx.ts');
      return [file('model.onnx', toOnnx(models))];
    }
    case 'safetensors':
      return models.map((model, i) =>
        file(
          models.length === 1 ? 'model.safetensors' : `model-${i + 1}.safetensors`,
          encodeModel(model),
        ),
      );
    case 'tfjs': {
      const layers = toLayersModel(models);
      if (!layers)
        throw new ModelExportError(
          'Networks with convolutions cannot be saved as a layers model. Save it as ONNX, or as a script for Node or PyTorch instead.',
        );
      return [
        file('model.json', layers.topology),
        file('weights.bin', layers.weights),
        file('inputs.json', JSON.stringify(describeModel(models), null, 2)),
      ];
    }
  }
}
