import { defineConfig } from 'vitest/config';

/** End-to-end tests: one file at a time, each with a cluster of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.e2e.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Machines of a CI are shared and noisy: what fails there is tried again before it counts.
    retry: process.env['CI'] ? 2 : 0,
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: true,
  },
});
