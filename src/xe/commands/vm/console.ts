import type { Command, CommandContext } from '../../command.js';
import { CommandExit } from '../../failure.js';
import { selectVms } from '../../selectors/vms.js';

/** The text console of a VM in the user's terminal. */
export const consoleCommands: readonly Command[] = [
  {
    name: 'console',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Connects your terminal to the text console of a running VM.',
    run: connect,
  },
];

async function connect(context: CommandContext): Promise<void> {
  const { api, client } = context;
  const [vm, second] = await selectVms(context);
  if (!vm) return refuse(context, 'No VM found');
  if (second) return refuse(context, 'Multiple VMs found');
  const { consoles, name_label } = vm.record.fields;
  const location = consoles
    .map((ref) => api.record('console', ref).fields)
    .find(({ protocol }) => protocol === 'vt100')?.location;
  if (location === undefined) return refuse(context, 'This VM has no text console');
  client.print(`Text console of VM ${name_label}. Ctrl + ] ends it.`);
  if (!(await client.httpConnect(`${pathOf(location)}&session_id=${api.session}`))) throw new CommandExit(1);
}

/**
 * The way to a console for a client that is connected already. Consoles of all hosts are behind this daemon, at whatever
 * address and port the client has reached it.
 */
function pathOf(location: string): string {
  const { pathname, search } = new URL(location);
  return `${pathname}${search}`;
}

function refuse({ client }: CommandContext, text: string): never {
  client.printError(`${text}\n`);
  throw new CommandExit(1);
}
