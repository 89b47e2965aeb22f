import { join } from 'node:path';

import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const eslint = new ESLint({
  cwd: ROOT,
  // The files need not exist, so rules that ask the type checker are left out.
  overrideConfig: {
    languageOptions: { parserOptions: { project: null } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
    },
  },
});

async function objections(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(ROOT, filePath) });
  return (result?.messages ?? [])
    .filter(({ ruleId, fatal }) => fatal || ruleId === 'architecture/imports')
    .map(({ message }) => message);
}

describe('the import table', () => {
  it.each([
    ['src-main/tuner/math/rng.ts', `import '../errors.ts';`],
    ['src-main/tuner/study/study.ts', `import '../../training/pool.ts';`],
    ['src-main/tuner/study/study.ts', `import 'node:fs';`],
    ['src-main/tuner/storages/sql/sqlite.ts', `import Database from 'better-sqlite3';`],
    ['src-main/training/pool.ts', `import '../services/runs.ts';`],
    ['src-main/contract/studies.ts', `import { isFeasible } from '../tuner/index.ts';`],
    ['src-main/contract/studies.ts', `import 'node:path';`],
    ['src-main/contract/studies.ts', `import type { X } from '../services/runs.ts';`],
    ['src-main/services/runs.ts', `import '../transports/dispatcher.ts';`],
    ['src-main/services/runs.ts', `import { openStorage } from '../open-storage.ts';`],
    ['src-main/services/runs.ts', `import '@tensorflow/tfjs-core';`],
    ['src-main/services/runs.ts', `export { app } from 'electron';`],
    ['src-main/services/runs.ts', `export * from '../cli/run.ts';`],
    ['src-main/transports/websocket.ts', `import type { Study } from '../tuner/index.ts';`],
    ['src-main/server/main.ts', `await import('../electron/window.ts');`],
    ['src-main/cli/run.ts', `import '../training/worker.ts';`],
    ['src-main/open-storage.ts', `import './services/runs.ts';`],
    ['src-renderer/stores/runs.ts', `import '../../src-main/services/runs.ts';`],
    ['src-renderer/stores/runs.ts', `import { Tpe } from '../../src-main/tuner/samplers/tpe.ts';`],
    ['src-renderer/stores/runs.ts', `import 'electron';`],
    ['src-renderer/stores/runs.ts', `import 'echarts/core';`],
    [
      'src-renderer/App.vue',
      `<script setup lang="ts">\nimport '../src-main/cli/run.ts';\n</script>\n<template><p /></template>`,
    ],
  ])('forbids in %s: %s', async (file, code) => {
    expect(await objections(file, code)).toHaveLength(1);
  });

  it.each([
    ['src-main/tuner/math/rng.ts', `import './erf.ts';`],
    ['src-main/tuner/study/study.ts', `import '../math/rng.ts';`],
    ['src-main/training/pool.ts', `import { fork } from 'node:child_process';`],
    ['src-main/training/pool.ts', `import '@tensorflow/tfjs-core';\nimport '../tuner/index.ts';`],
    ['src-main/contract/studies.ts', `import type { X } from '../tuner/index.ts';`],
    ['src-main/contract/studies.ts', `import { type X } from '../tuner/index.ts';`],
    ['src-main/contract/studies.ts', `import { z } from 'zod';`],
    ['src-main/services/runs.ts', `import '../contract/runs.ts';\nimport '../training/pool.ts';`],
    ['src-main/transports/electron-ipc.ts', `import { ipcMain } from 'electron';`],
    ['src-main/transports/websocket.ts', `import '../contract/codec.ts';`],
    ['src-main/electron/main.ts', `import { app } from 'electron';`],
    ['src-main/server/main.ts', `import '../open-storage.ts';\nimport '../services/runs.ts';`],
    [
      'src-main/open-storage.ts',
      `import Database from 'better-sqlite3';\nimport './tuner/index.ts';`,
    ],
    ['src-renderer/charts/theme.ts', `import 'echarts/core';`],
    ['src-renderer/stores/runs.ts', `import { x } from '../../src-main/contract/runs.ts';`],
    ['src-renderer/stores/runs.ts', `import { isFeasible } from '../../src-main/tuner/index.ts';`],
    ['test/tuner/x.test.ts', `import '../../src-main/services/runs.ts';`],
  ])('allows in %s: %s', async (file, code) => {
    expect(await objections(file, code)).toEqual([]);
  });
});
