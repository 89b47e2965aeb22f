import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

import { importTable } from './scripts/eslint-import-table.js';

export default defineConfig(
  {
    ignores: [
      ...['out/', 'dist/', '.cache/', 'test-results/'],
      ...['test/fixtures/', 'src-main/training/fused/assembly/'],
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      // TypeScript tells of undefined names, and knows the globals of each side.
      'no-undef': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    files: ['src-main/**/*.ts', 'scripts/**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.node.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['src-main/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'VariableDeclarator[id.name=/^(require|__filename|__dirname)$/]',
          message: 'electron-vite declares this name itself in what it builds: choose another.',
        },
      ],
    },
  },
  {
    // Coefficients and reference values stand here as published, at times to more digits than count.
    files: ['src-main/tuner/math/**', 'test/**'],
    rules: { 'no-loss-of-precision': 'off' },
  },
  {
    files: ['test/**'],
    ignores: ['test/helpers/eventually.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...[
          ['vi', 'waitFor'],
          ['vi', 'waitUntil'],
          ['expect', 'poll'],
        ].map(([object, property]) => ({
          object,
          property,
          message: 'A second is short for a slow machine: use `eventually`.',
        })),
      ],
    },
  },
  {
    files: ['scripts/**', 'src-main/cli/**', 'src-main/server/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  importTable,
  prettier,
);
