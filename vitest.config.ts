import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test-support/longest-first.mjs';

// Worker threads and child processes inherit this, so that they find TypeScript sources too.
const execArgv = ['--import', new URL('./test-support/typescript-register.mjs', import.meta.url).href];

// The package of this repository is tested as it is in the sources, whether it is compiled or not.
const alias = { 'node-libvirt': new URL('./packages/node-libvirt/src/index.ts', import.meta.url).pathname };

export default defineConfig({
  resolve: { alias },
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // Beside the code, in milliseconds.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{schema,src,bench,scripts}/**/*.test.{ts,mjs}', 'packages/*/src/**/*.test.ts'],
          exclude: ['**/*.{libvirt,lab}.test.ts'],
          execArgv,
          // They take milliseconds, and those that hash passwords a second; on a busy machine that may be ten.
          testTimeout: 20_000,
          // Without a number it would be one less than there are processors: on two, one.
          maxWorkers: 2,
        },
      },
      // Other people's clients against the built daemon.
      {
        test: {
          name: 'compat',
          include: ['compat-tests/**/*.test.ts'],
          exclude: ['**/*.{libvirt,lab}.test.ts'],
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
      // Against real hosts: libvirt, QEMU, guests, networks. docs/testing.md tells what they need.
      {
        extends: true,
        test: {
          name: 'libvirt',
          include: ['{src,packages,compat-tests}/**/*.libvirt.test.ts'],
          globalSetup: ['./test-support/libvirt/ready.mjs'],
          execArgv,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      // In a machine with a Debian kernel, which takes its time: storage that this machine's kernel lacks.
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['{src,compat-tests,test-support}/**/*.lab.test.ts'],
          globalSetup: ['./test-support/lab-machine/ready.mjs'],
          execArgv,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
