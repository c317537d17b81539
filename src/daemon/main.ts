import { coverage } from '../api/coverage.js';
import { runProgram } from '../cli/run-program.js';
import { coveragePage } from './coverage-page.js';
import { run } from './run.js';

process.exitCode = await runProgram(process.argv.slice(2), {
  start: run,
  coverage: async () =>
    coverage().map(({ className, implicit, explicit }) => ({
      className,
      implicit,
      explicit: {
        implemented: explicit.implemented.length,
        storedOnly: explicit['stored-only'].length,
        refused: explicit.refused.length,
      },
    })),
  coveragePage: async () => coveragePage(coverage()),
});
