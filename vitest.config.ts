import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/helpers/property-tests.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // Only what hangs should meet these: nothing in a test is timed, and machines are slow or busy at times.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
