import { CommanderError } from 'commander';
import { AccountError } from '../accounts/account.js';
import { PamUnavailableError } from '../accounts/pam.js';
import { ConfigError } from '../config/config-error.js';
import { StoreError } from '../db/store-error.js';
import { FileLockedError } from '../files/file-lock.js';
import type { Actions } from './actions.js';
import { buildProgram } from './program.js';
import { processTerminal, type Terminal } from './terminal.js';

/** Exit status of a command that could not be done. */
const FAILED = 1;

/** Exit status of a command line or configuration that makes no sense. */
const MISUSED = 2;

/** Errors whose message is meant for the user: no stack is shown. */
const EXPLAINED = [AccountError, StoreError, PamUnavailableError, FileLockedError];

/** Runs the command line (without node and script). Resolves to the exit status; what went wrong has been said. */
export async function runProgram(
  args: readonly string[],
  actions: Actions,
  terminal: Terminal = processTerminal,
): Promise<number> {
  let status = 0;
  const program = buildProgram(actions, terminal, (reported) => {
    status = reported;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)]) {
    // Commander would end the process, and the output that is still on its way with it.
    command.exitOverride();
    command.configureOutput(program.configureOutput());
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : MISUSED;
    if (thrown instanceof ConfigError) {
      for (const line of thrown.message.split('\n')) terminal.complain(`error: ${line}`);
      return MISUSED;
    }
    if (EXPLAINED.some((kind) => thrown instanceof kind)) terminal.complain(`error: ${(thrown as Error).message}`);
    else terminal.complain(`error: ${describe(thrown)}`);
    return FAILED;
  }
}

/** System errors say what they are about; of any other the stack is needed. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'syscall' in thrown ? thrown.message : (thrown.stack ?? thrown.message);
}
