import type { Parameter } from '../parameters.js';
import { Parameters } from '../parameters.js';

/** A command line, read as the original reads it. */
export interface CommandLine {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A command line that cannot be read. */
export class CommandLineSyntaxError extends Error {
  override readonly name = 'CommandLineSyntaxError';
}

/** Switches with a value in the next word, and what they are the short forms of. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ['-u', 'username'],
  ['-pw', 'password'],
  ['-s', 'server'],
  ['-h', 'server'],
  ['-p', 'port'],
]);

/** Reads the words of a command line. Throws CommandLineSyntaxError. */
export function readCommandLine([name = '', ...words]: readonly string[]): CommandLine {
  if (name.includes('=')) throw new CommandLineSyntaxError(name);
  const list: Parameter[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word.startsWith('--')) {
      list.push({ name: word.slice(2), value: 'true' });
    } else if (word.startsWith('-')) {
      const long = SWITCHES.get(word);
      const value = words[++i];
      if (long === undefined || value === undefined) throw new CommandLineSyntaxError(word);
      list.push({ name: long, value });
    } else {
      const equals = word.indexOf('=');
      list.push(equals < 0 ? { name: word, value: '' } : { name: word.slice(0, equals), value: word.slice(equals + 1) });
    }
  }
  return { name, parameters: new Parameters(list) };
}
