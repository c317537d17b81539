import { defineConfig } from 'vitest/config';

// Worker threads and child processes inherit this, so that they find TypeScript sources too.
const execArgv = ['--import', new URL('./test-support/typescript-register.mjs', import.meta.url).href];

export default defineConfig({
  test: {
    projects: [
      // Beside the code, in milliseconds.
      { test: { name: 'unit', include: ['{schema,src,bench,scripts}/**/*.test.{ts,mjs}'], execArgv } },
      // Other people's clients against the built daemon.
      {
        test: {
          name: 'compat',
          include: ['compat-tests/**/*.test.ts'],
          globalSetup: ['./test-support/built.mjs'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      // The built daemon under kills, bad input and broken disks.
      {
        test: {
          name: 'crash',
          include: ['crash-tests/**/*.test.ts'],
          globalSetup: ['./test-support/built.mjs'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
