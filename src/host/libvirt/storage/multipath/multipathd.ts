import { CommandError } from '../../network/commands.js';
import type { Tools } from '../tools/tools.js';

/**
 * Asks the daemon of multipath-tools something in its own words; resolves to what it answers. Rejects when it does not run. Its socket has a name
 * that Node cannot spell, hence the program.
 */
export async function askMultipathd(tools: Tools, ...words: readonly string[]): Promise<string> {
  try {
    return await tools.run('multipathd', words);
  } catch (thrown) {
    throw thrown instanceof CommandError ? new Error(`multipathd does not answer (${thrown.text})`) : thrown;
  }
}
