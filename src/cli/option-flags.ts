import { type Command, Option } from 'commander';
import { shortKeys } from '../config/emulate.js';
import { DEFAULT_CONFIG_FILE, DEFAULT_POOL } from '../config/load-config.js';
import { type OptionKey, optionKeys, optionName, options, variableName } from '../config/options.js';

/** Gives a command the flags of options, as the table of options has them. Nothing is checked here: the configuration does. */
export function addOptionFlags(command: Command, keys: readonly OptionKey[] = optionKeys): Command {
  command.addOption(
    new Option('--config <FILE>', `YAML or JSON file with these options by name (default: ${DEFAULT_CONFIG_FILE} if there)`),
  );
  for (const key of keys) {
    const definition = options[key];
    if (!('placeholder' in definition)) continue;
    const fallback = 'fallback' in definition ? ` (default: ${definition.fallback})` : '';
    const flag = new Option(`--${optionName(key)} <${definition.placeholder}>`, `${definition.help}${fallback}`);
    command.addOption(flag.helpGroup(`${definition.group}:`));
  }
  return command;
}

/** Lists what can be said of an emulated pool. */
export function emulateHelp(): string {
  const width = Math.max(...Object.keys(shortKeys).map((name) => name.length)) + 2;
  const lines = Object.entries(shortKeys).map(([name, [help, otherwise]]) => `  ${name.padEnd(width)}${help} (${otherwise})`);
  return ['Keys of --emulate, and what holds for those that are left out:', ...lines, `Without --emulate: ${DEFAULT_POOL}.`].join(
    '\n',
  );
}

/** Explains how the options of the file and of the environment are called, with one of them as the example. */
export function sourcesHelp(): string {
  const secrets = optionKeys.filter((key) => 'environmentOnly' in options[key]);
  return [
    'Every option can also be set in the environment and in the configuration file:',
    `  --https-port 8443   ${variableName('httpsPort')}=8443   https-port: 8443`,
    'Flags win over the environment, the environment over the file.',
    ...secrets.map((key) => `In the environment only: ${variableName(key)}, the ${options[key].help}.`),
  ].join('\n');
}
