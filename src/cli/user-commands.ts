import { mkdir } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AccountError, accountRoles, SUPERUSER, toAccountRole } from '../accounts/account.js';
import { Accounts } from '../accounts/accounts.js';
import { loadConfig } from '../config/load-config.js';
import type { OptionKey } from '../config/options.js';
import { readSecretFile } from '../config/secret-file.js';
import { addOptionFlags } from './option-flags.js';
import type { Terminal } from './terminal.js';
import { textTable } from './text-table.js';

interface PasswordFlags {
  readonly passwordFile?: string;
  readonly withoutPassword?: boolean;
}

/** `user`: who may log in. Works on the data directory, whether a daemon runs there or not; it notices by itself. */
export function addUserCommands(program: Command, terminal: Terminal): void {
  const user = program
    .command('user')
    .summary('say who may log in')
    .description(
      `Who may log in, with which role. Changes hold at once, whether a gateway is running or not.\n\nRoles, from the most to the least: ${accountRoles.join(', ')}. The local superuser ${SUPERUSER} always exists and needs no role.`,
    );

  const add = onDataDir(
    user.command('add <NAME>').description('Make a user with one role.'),
    async (accounts, [name = ''], flags) => {
      const role = toAccountRole(String(flags.role));
      // Before somebody is asked for a password in vain.
      if ((await accounts.list()).some((account) => account.name === name))
        throw new AccountError(`there is a user ${name} already`);
      const password = flags.withoutPassword ? undefined : await passwordFrom(flags, name, terminal);
      await accounts.add(name, role, password);
      terminal.print(`user ${name} made, with role ${role}`);
    },
  );
  add.requiredOption('--role <ROLE>', `one of ${accountRoles.join(', ')}`);
  addPasswordFlag(add);
  add.addOption(new Option('--without-password', 'let only PAM decide (auth: pam)').conflicts('passwordFile'));

  const passwd = onDataDir(
    user.command('passwd <NAME>').description(`Set the password of a user, or of ${SUPERUSER}.`),
    async (accounts, [name = ''], flags) => {
      await accounts.setPassword(name, await passwordFrom(flags, name, terminal));
      terminal.print(`password of ${name} set`);
    },
  );
  addPasswordFlag(passwd);

  onDataDir(
    user.command('role <NAME> <ROLE>').description('Give a user another role.'),
    async (accounts, [name = '', role = '']) => {
      await accounts.setRoles(name, [toAccountRole(role)]);
      terminal.print(`user ${name} has role ${role}`);
    },
  );

  onDataDir(user.command('remove <NAME>').description('Remove a user.'), async (accounts, [name = '']) => {
    await accounts.remove(name);
    terminal.print(`user ${name} removed`);
  });

  onDataDir(user.command('list').description('List the users.').option('--json', 'as JSON'), async (accounts, _names, flags) => {
    const list = (await accounts.list()).map(({ name, roles, subject }) => ({ name, roles, subject: subject?.uuid ?? '' }));
    if (flags.json) return terminal.print(JSON.stringify(list, null, 2));
    if (list.length === 0) return terminal.print(`no users but ${SUPERUSER}`);
    terminal.print(
      textTable(
        ['NAME', 'ROLE', 'SUBJECT'],
        list.map(({ name, roles, subject }) => [name, roles.join(' '), subject]),
      ),
    );
  });

  function onDataDir(
    command: Command,
    act: (
      accounts: Accounts,
      names: readonly string[],
      flags: Readonly<Record<string, unknown>> & PasswordFlags,
    ) => Promise<void>,
  ): Command {
    const keys: readonly OptionKey[] = ['dataDir'];
    return addOptionFlags(command, keys).action(async () => {
      const flags = command.opts<Record<string, unknown> & PasswordFlags & { config?: string; dataDir?: string }>();
      const { config } = await loadConfig({ flags: { config: flags.config, dataDir: flags.dataDir }, env: terminal.env });
      await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
      const accounts = await Accounts.open(config.dataDir);
      try {
        await act(accounts, command.args, flags);
      } finally {
        accounts.close();
      }
    });
  }
}

function addPasswordFlag(command: Command): void {
  command.option('--password-file <FILE>', 'file that holds the password; - for standard input (default: ask for it)');
}

/** The password from the file, or from the person at the terminal, who types it twice. */
async function passwordFrom({ passwordFile }: PasswordFlags, name: string, terminal: Terminal): Promise<string> {
  if (passwordFile !== undefined) return readSecretFile(passwordFile === '-' ? '/dev/stdin' : passwordFile, 'password-file');
  const password = await terminal.askSecret(`Password of ${name}: `);
  if (password === undefined)
    throw new AccountError('there is nobody to ask for the password: name a --password-file FILE, or - for standard input');
  if ((await terminal.askSecret('Once more: ')) !== password) throw new AccountError('the two passwords are not the same');
  return password;
}
