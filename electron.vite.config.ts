import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

import { licencesPlugin } from './scripts/licences.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Everything but the window's page runs on Node: the oldest is the one that may start the CLI. */
const NODE_TARGET = 'node22.12';

/** The training engine reads what is compiled of it from beside the bundles. */
const trainingKernels: Plugin = {
  name: 'parzen:training-kernels',
  generateBundle() {
    const folder = path('src-main/training/fused');
    for (const fileName of readdirSync(folder)) {
      if (!/\.(wasm|node)$/.test(fileName)) continue;
      this.emitFile({ type: 'asset', fileName, source: readFileSync(join(folder, fileName)) });
    }
  },
};

export default defineConfig({
  main: {
    plugins: [trainingKernels],
    build: {
      target: NODE_TARGET,
      outDir: path('out/main'),
      sourcemap: true,
      rolldownOptions: {
        input: {
          desktop: path('src-main/electron/main.ts'),
          server: path('src-main/server/main.ts'),
          cli: path('src-main/cli/main.ts'),
          worker: path('src-main/training/worker.ts'),
          'table-worker': path('src-main/training/datasets/table-worker.ts'),
          'improvement-worker': path('src-main/services/improvement-worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      target: NODE_TARGET,
      outDir: path('out/preload'),
      // A sandboxed preload can only require Electron: everything else is bundled into the one file.
      externalizeDeps: false,
      rolldownOptions: {
        input: path('src-main/electron/preload.ts'),
        output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: path('src-renderer'),
    plugins: [vue(), licencesPlugin(import.meta.dirname)],
    build: {
      outDir: path('out/renderer'),
      rolldownOptions: { input: path('src-renderer/index.html') },
    },
  },
});
