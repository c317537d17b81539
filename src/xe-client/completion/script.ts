import { readFileSync } from 'node:fs';
import { ClientProblem } from '../problem.js';

/** Where the script lies: beside this file's folder when bundled, further up in the sources and when compiled. */
const PLACES = ['../completion/', '../../../completion/', '../../../../completion/'];

/** Its parts, the one that says what it is first. */
const PARTS = ['xe.bash', 'line.bash', 'server.bash', 'offers.bash'];

/** A script that completes command lines of the client. Throws ClientProblem for a shell that none is there for. */
export function completionScript(shell: string | undefined): string {
  if (shell !== 'bash') throw new ClientProblem('There is completion for bash only: --completion bash');
  for (const place of PLACES) {
    try {
      return PARTS.map((part) => readFileSync(new URL(`${place}${part}`, import.meta.url), 'utf8')).join('\n');
    } catch {
      // Not there: the other place.
    }
  }
  throw new ClientProblem('The completion script was not installed with this program.');
}
