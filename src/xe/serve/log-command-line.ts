import type { Log } from '../../log/log.js';
import type { Parameter } from '../parameters.js';
import type { CommandLine } from './command-line.js';
import type { CommandLineOrigin } from './command-lines.js';

/** Parameters whose values are nobody's business: secrets, and addresses and other texts that may carry some. */
const PRIVATE = /passw|secret|token|key|url|uri|proxy|session|xenstore|^value$|^new$|^old$|config|args|body/i;

/** Parameters of one line that are noted, and characters of each: whoever is not logged in can have lines noted, too. */
const MOST = 32;
const LONGEST = 256;

/**
 * Notes a command line in the log: those that only look at debug level. Values that may be secret are left out, and so are
 * words without a value, among which may be the rest of a secret that was typed in the wrong place.
 */
export function logCommandLine(log: Log, { name, parameters }: CommandLine, request: string, from: CommandLineOrigin): void {
  const shown = parameters.list
    .filter(({ name: key, value }) => value !== '' && key !== 'username' && key !== 'password')
    .slice(0, MOST)
    .map((parameter) => shorten(shownParameter(parameter)));
  const entry = { request, command: shorten(name), parameters: shown, address: from.address };
  if (/(?:-list|-get)$|^help$/.test(name)) log.debug(entry, 'xe');
  else log.info(entry, 'xe');
}

/** `--name=value` is no way to write a parameter, and is read as a switch of that name: what follows is a value all the same. */
function shownParameter({ name, value }: Parameter): string {
  const [key = ''] = name.split('=', 1);
  return key !== name || PRIVATE.test(key) ? key : `${key}=${value}`;
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
