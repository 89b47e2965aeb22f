import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isNativeTensorFlowInstalled, loadBackend } from '../../src-main/training/backends.ts';
import { chooseBackend, createModelFactory } from '../../src-main/training/choose-backend.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { BackendError } from '../../src-main/training/errors.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import type { ModelOptions } from '../../src-main/training/models/model.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import { requirements } from '../helpers/requirements.ts';

const native = requirements('native-tensorflow');
const iris = loadSpec('iris');
const data = await loadDataset(iris);
const cache = process.env.PARZEN_CACHE_DIR;

afterEach(() => {
  if (cache === undefined) delete process.env.PARZEN_CACHE_DIR;
  else process.env.PARZEN_CACHE_DIR = cache;
});

/** As on a machine where set-up could not get native TensorFlow. */
function forgetNativeTensorFlow(): void {
  process.env.PARZEN_CACHE_DIR = mkdtempSync(join(tmpdir(), 'parzen-cache-'));
}

describe('loadBackend', () => {
  it.each(['wasm', 'cpu'] as const)('loads %s, which passes its self-test', async (name) => {
    const { tf } = await loadBackend(name);
    expect(tf.getBackend()).toBe(name);
  });

  it('computes with SIMD on wasm', async () => {
    const { tf } = await loadBackend('wasm');
    expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
  });

  it('switches between backends of one process', async () => {
    await loadBackend('wasm');
    const { tf } = await loadBackend('cpu');
    expect(tf.getBackend()).toBe('cpu');
    await loadBackend('wasm');
    expect(tf.getBackend()).toBe('wasm');
  });

  it.skipIf(native.missing)(native.title('loads native TensorFlow on this Node'), async () => {
    const { tf } = await loadBackend('tfjs-node');
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it('says what is missing where set-up could not get native TensorFlow', async () => {
    forgetNativeTensorFlow();
    vi.resetModules();
    const fresh = await import('../../src-main/training/backends.ts');
    const loading = fresh.loadBackend('tfjs-node');
    // An official install in node_modules is there all the same.
    if (fresh.isNativeTensorFlowInstalled()) expect((await loading).name).toBe('tfjs-node');
    else
      await expect(loading).rejects.toMatchObject({
        code: 'BACKEND_UNAVAILABLE',
        message: expect.stringContaining('npm run setup') as string,
      });
  });
});

describe('chooseBackend', () => {
  it('takes what was asked for', async () => {
    for (const backend of ['cpu', 'tfjs-node'] as const)
      expect(await chooseBackend({ backend, engine: 'auto' }, iris.spec, data)).toMatchObject({
        backend,
        engine: 'tfjs',
      });
    expect(await chooseBackend({ backend: 'wasm', engine: 'tfjs' }, iris.spec, data)).toMatchObject(
      { backend: 'wasm', engine: 'tfjs' },
    );
  });

  it('takes the fused engine on wasm unless told otherwise', async () => {
    for (const request of [
      { backend: 'wasm', engine: 'auto' },
      { backend: 'auto', engine: 'fused' },
      { backend: 'auto', engine: 'auto' },
    ] as const)
      expect(await chooseBackend(request, iris.spec, data)).toMatchObject({
        backend: 'wasm',
        engine: 'fused',
      });
  });

  it('says what multiplies matrices on this machine, which trials keep', async () => {
    const request = { backend: 'wasm', engine: 'auto' } as const;
    const { reason } = await chooseBackend(request, iris.spec, data);
    const { description } = provenNative();
    expect(reason).toBe(`As asked for. Matrix products run on ${description}.`);
    expect((await createModelFactory({ backend: 'wasm', engine: 'fused' })).kernels).toBe(
      description,
    );
  });

  it('refuses the fused engine on another backend', async () => {
    await expect(
      chooseBackend({ backend: 'cpu', engine: 'fused' }, iris.spec, data),
    ).rejects.toThrow(BackendError);
  });

  it('trains with tfjs only the networks of a space that the fused engine cannot', async () => {
    const spec = parseSpec({
      ...iris.spec,
      network: { width: [8], norm: { choices: ['none', 'batch'] } },
    });
    for (const backend of ['auto', 'wasm'] as const) {
      const decision = await chooseBackend({ backend, engine: 'auto' }, spec, data);
      expect(decision).toMatchObject({ engine: 'mixed' });
      expect(decision.reason).toContain(
        'The fused engine has no batch norm; it trains the networks without.',
      );
    }
    expect(await chooseBackend({ backend: 'cpu', engine: 'auto' }, spec, data)).toMatchObject({
      backend: 'cpu',
      engine: 'tfjs',
    });
  });

  it('trains with tfjs what the fused engine has not, and says so', async () => {
    const spec = parseSpec({ ...iris.spec, network: { width: [8], norm: 'batch' } });
    const withSkips = parseSpec({ ...iris.spec, network: { width: [8, 8], skip: 'residual' } });
    for (const backend of ['auto', 'wasm'] as const)
      for (const [one, lacks] of [
        [spec, 'batch norm'],
        [withSkips, 'skip connections'],
      ] as const) {
        const decision = await chooseBackend({ backend, engine: 'auto' }, one, data);
        expect(decision).toMatchObject({ engine: 'tfjs' });
        expect(decision.reason).toContain(`The fused engine has no ${lacks}.`);
      }
    await expect(chooseBackend({ backend: 'auto', engine: 'fused' }, spec, data)).rejects.toThrow(
      'The fused engine has no batch norm. Set `engine` to auto, mixed or tfjs, or take the batch norm out of the space.',
    );
  });

  it('takes the fused engine for embeddings where there is nothing to embed', async () => {
    const spec = parseSpec({ ...iris.spec, network: { width: [8], embedding: 'rule' } });
    const request = { backend: 'wasm', engine: 'auto' } as const;
    expect(await chooseBackend(request, spec, data)).toMatchObject({ engine: 'fused' });
    const categories = [{ column: 'city', start: 0, size: 3 }];
    const decision = await chooseBackend(request, spec, { ...data, categories });
    expect(decision).toMatchObject({ engine: 'tfjs' });
    expect(decision.reason).toContain('The fused engine has no embeddings.');
  });

  it('takes the fused engine without measuring where nothing else is installed', async ({
    skip,
  }) => {
    forgetNativeTensorFlow();
    skip(isNativeTensorFlowInstalled(), 'node_modules has it too');
    const { reason } = await chooseBackend({ backend: 'auto', engine: 'auto' }, iris.spec, data);
    expect(reason).toMatch(/where native TensorFlow is not installed/);
  });

  it.runIf(isNativeTensorFlowInstalled())(
    'measures each backend on itself, although tfjs has one at a time',
    async () => {
      const { reason } = await chooseBackend({ backend: 'auto', engine: 'tfjs' }, iris.spec, data);
      for (const name of ['wasm', 'tfjs-node'])
        expect(reason).toMatch(new RegExp(`^Measured .* ${name} [\\d.e+]+ ms`));
    },
  );

  it('refuses to train on a backend that is not the current one', async () => {
    const cpu = await createModelFactory({ backend: 'cpu', engine: 'tfjs' });
    await loadBackend('wasm');
    expect(() => cpu.create({} as ModelOptions)).toThrow(
      'Load the backend "cpu" again: tfjs is on wasm now.',
    );
  });

  it.runIf(isNativeTensorFlowInstalled())(
    'measures wide networks, and says what it measured',
    async () => {
      const spec = parseSpec({
        ...iris.spec,
        network: { width: [2048, 2048] },
        training: { ...iris.spec.training, batchSize: 64 },
      });
      const decision = await chooseBackend({ backend: 'auto', engine: 'auto' }, spec, data);
      expect(decision.reason).toMatch(/^Measured .*(wasm \(fused\)|tfjs-node) [\d.e+]+ ms/);
    },
  );
});
