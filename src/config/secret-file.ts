import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './config-error.js';

/** Larger than any password that we take; anything bigger is another file by mistake. */
const MAX_BYTES = 8192;

/** The secret on the first line of a file, whose end of line does not belong to it. Rejects with ConfigError that names the option. */
export async function readSecretFile(path: string, option: string): Promise<string> {
  const wrong = (message: string): ConfigError => new ConfigError([{ key: option, source: path, message }]);
  let text: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw wrong(`is larger than ${MAX_BYTES} bytes: not a password`);
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    throw wrong(`cannot be read (${thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'})`);
  }
  const [secret = '', ...rest] = text.split(/\r?\n/);
  if (secret === '') throw wrong('holds no password on its first line');
  if (rest.some((line) => line !== '')) throw wrong('holds more than one line: not a password');
  return secret;
}
