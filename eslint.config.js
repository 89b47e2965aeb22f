import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

/**
 * The import table of ARCHITECTURE.md as rules. `from` is a folder of src-main (or the renderer),
 * `never` lists path fragments and packages it may not import.
 */
const ours = (...folders) => folders.map((folder) => `**/${folder}/**`);
const importTable = [
  {
    files: ['src-main/tuner/math/**'],
    never: ours('tuner/study', 'tuner/trial', 'tuner/samplers', 'tuner/pruners', 'tuner/storages', 'tuner/importance', 'tuner/search-space', 'training', 'contract', 'services', 'transports', 'electron', 'server', 'cli'),
  },
  {
    files: ['src-main/tuner/**'],
    never: ours('training', 'contract', 'services', 'transports', 'electron', 'server', 'cli'),
  },
  { files: ['src-main/training/**'], never: ours('services', 'transports', 'electron', 'server', 'cli') },
  {
    files: ['src-main/contract/**'],
    never: [...ours('training', 'services', 'transports', 'electron', 'server', 'cli'), 'node:*', 'electron'],
  },
  { files: ['src-main/services/**'], never: ours('transports', 'electron', 'server', 'cli') },
  { files: ['src-main/transports/**'], never: ours('tuner', 'training', 'services', 'electron', 'server', 'cli') },
  {
    files: ['src-renderer/**'],
    never: [...ours('training', 'services', 'transports', 'server', 'cli', 'tuner/storages', 'tuner/samplers', 'tuner/pruners'), 'node:*', 'electron', 'better-sqlite3'],
  },
];

/** Packages that one place alone may import. */
const onlyIn = [
  { packages: ['better-sqlite3', 'pg'], files: ['src-main/open-storage.ts'] },
  { packages: ['electron', 'electron/*'], files: ['src-main/electron/**', 'src-main/transports/electron-ipc.ts'] },
  { packages: ['echarts', 'echarts/*'], files: ['src-renderer/charts/**'] },
  { packages: ['@tensorflow/*'], files: ['src-main/training/**'] },
];

function restrict(files, patterns) {
  const owners = onlyIn.filter((rule) => !rule.files.some((owner) => files.includes(owner)));
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(patterns.length > 0 ? [{ group: patterns, message: 'See the import table in ARCHITECTURE.md.' }] : []),
            ...owners.map((rule) => ({
              group: rule.packages,
              message: `Only ${rule.files.join(', ')} may import this (ARCHITECTURE.md).`,
              allowTypeImports: true,
            })),
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'node_modules/', '.cache/', 'test-results/', 'test/fixtures/', 'src-main/training/fused/assembly/'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'vue/multi-word-component-names': 'off',
    },
  },
  { files: ['scripts/**', 'src-main/cli/**', 'test/**', '.ci/**'], rules: { 'no-console': 'off' } },
  ...importTable.map(({ files, never }) => restrict(files, never)),
  ...onlyIn.map((rule) => {
    const parent = importTable.filter((row) => rule.files.some((file) => row.files.some((glob) => file.startsWith(glob.replace('/**', '/')))));
    return restrict(rule.files, parent.flatMap((row) => row.never).filter((pattern) => !rule.packages.includes(pattern) && !rule.files.some((file) => file.includes(pattern.replaceAll('**', '')))));
  }),
  prettier,
);
