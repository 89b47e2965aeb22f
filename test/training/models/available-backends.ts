import { isNativeTensorFlowInstalled } from '../../../src-main/training/backends.ts';
import { createModelFactory } from '../../../src-main/training/choose-backend.ts';
import type { ModelFactory } from '../../../src-main/training/models/model.ts';
import type { BackendName, EngineName } from '../../../src-main/training/vocabulary.ts';

/** All that can train a network on this machine; native TensorFlow only where set-up got it. */
export const available: { name: string; backend: BackendName; engine: EngineName }[] = [
  { name: 'wasm (fused)', backend: 'wasm', engine: 'fused' },
  { name: 'wasm', backend: 'wasm', engine: 'tfjs' },
  { name: 'cpu', backend: 'cpu', engine: 'tfjs' },
  ...(isNativeTensorFlowInstalled()
    ? [{ name: 'tfjs-node', backend: 'tfjs-node', engine: 'tfjs' } as const]
    : []),
];

/** tfjs has one current backend per process, so take a factory where it is used. */
export function factoryOf(one: (typeof available)[number]): Promise<ModelFactory> {
  return createModelFactory(one);
}
