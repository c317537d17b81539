import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{schema,src}/**/*.test.ts'],
    // Worker threads and child processes inherit this, so that they find TypeScript sources too.
    execArgv: ['--import', new URL('./test-support/typescript-register.mjs', import.meta.url).href],
  },
});
