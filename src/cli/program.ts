import { Command, Option } from 'commander';
import { loadConfig } from '../config/load-config.js';
import { type OptionKey, optionKeys } from '../config/options.js';
import type { Actions } from './actions.js';
import { coverageTable } from './coverage-table.js';
import { examine, report } from './doctor/doctor.js';
import { addOptionFlags, emulateHelp, sourcesHelp } from './option-flags.js';
import { processTerminal, type Terminal } from './terminal.js';
import { addUserCommands } from './user-commands.js';
import { version } from './version.js';

/** Exit status of a command that ran and has bad news. */
const BAD_NEWS = 1;

/** The commands of `xenapi-gateway`. Each sets `process.exitCode` through `setStatus` when it is not 0. */
export function buildProgram(
  actions: Actions,
  terminal: Terminal = processTerminal,
  setStatus: (status: number) => void = (status) => {
    process.exitCode = status;
  },
): Command {
  const program = new Command('xenapi-gateway')
    .description('Speaks XenAPI, as XCP, XenServer and XCP-ng do, in front of KVM hosts or of an emulated pool.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [COMMAND]', 'print the help of a command')
    .showHelpAfterError('(--help lists the options)')
    .configureOutput({
      writeOut: (text) => terminal.print(text.replace(/\n$/, '')),
      writeErr: (text) => terminal.complain(text.replace(/\n$/, '')),
    });

  const start = program.command('start').summary('run the gateway').description('Run the gateway until SIGTERM or SIGINT.');
  addOptionFlags(start)
    .addHelpText('after', `\n${emulateHelp()}\n\n${sourcesHelp()}\n\n${START_EXAMPLES}`)
    .action(async () => {
      setStatus(await actions.start(await loadConfig({ flags: flagsOf(start), env: terminal.env })));
    });

  addUserCommands(program, terminal);

  const doctor = program
    .command('doctor')
    .summary('say what keeps the gateway from starting')
    .description('Look at everything that start with the same options needs, change nothing, and say what to do.');
  addOptionFlags(doctor).action(async () => {
    const { config } = await loadConfig({ flags: flagsOf(doctor), env: terminal.env });
    const findings = await examine(config);
    for (const line of report(findings)) terminal.print(line);
    if (findings.some(({ grade }) => grade === 'fail')) setStatus(BAD_NEWS);
  });

  program
    .command('coverage')
    .summary('say which messages of the API are implemented')
    .description('Print for every class how many of its messages are implemented, only stored, or refused.')
    .option('--json', 'as JSON')
    .addOption(new Option('--markdown', 'as the page of the documentation, with the names of all messages').conflicts('json'))
    .action(async ({ json, markdown }: { json?: true; markdown?: true }) => {
      if (markdown) return terminal.print((await actions.coveragePage()).trimEnd());
      const rows = await actions.coverage();
      terminal.print(json ? JSON.stringify(rows, null, 2) : coverageTable(rows));
    });
  return program;
}

const START_EXAMPLES = `Examples:
  xenapi-gateway start --emulate hosts=2,vms=10,running=5
  xenapi-gateway start --host libvirt --bind 0.0.0.0 --root-password-file /etc/xenapi-gateway.password
  xenapi-gateway start --store memory --https-port 0 --http-port 0 --data-dir ./pool`;

function flagsOf(command: Command): Partial<Record<OptionKey | 'config', unknown>> {
  const given = command.opts<Record<string, unknown>>();
  return Object.fromEntries([...optionKeys, 'config'].map((key) => [key, given[key]]));
}
