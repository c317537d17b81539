import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { refusal } from '../../../storage-refusal.js';

/** A directory of the host that clients may use. */
export interface Location {
  /** As configured, without a slash at its end. */
  readonly path: string;
  /** The same with links followed. */
  readonly real: string;
}

/** Directories of the system itself: what lies in them must be neither shown nor written. */
const SYSTEM = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var/backups',
  '/var/lib/dpkg',
  '/var/lib/systemd',
  '/var/log',
  '/var/mail',
  '/var/spool',
];
/** Directories that only hold those of others. */
const CROSSROADS = ['/', '/home', '/media', '/var', '/var/lib', '/var/run'];

/** Hidden directories in which programs of users keep disks, and no keys or settings. */
const HARMLESS = ['.local', '.cache'];

/** Longest path that Linux takes, in bytes. */
const LONGEST_PATH = 4095;

/**
 * Whether a path is one of the system's own, or lies in a hidden directory: keys and settings of users lie there, and what is written
 * to such a file as a disk would let its writer in.
 */
export function isSystemDirectory(path: string): boolean {
  if (path.split('/').some((part) => part.startsWith('.') && !HARMLESS.includes(part))) return true;
  return CROSSROADS.includes(path) || SYSTEM.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

/** Whether a text can be the path of a directory for disks. */
export function isUsablePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!isAbsolute(path) || /[\x00-\x1f\x7f]/.test(path) || Buffer.byteLength(path) > LONGEST_PATH) return false;
  return !path.split('/').includes('..') && !isSystemDirectory(withoutSlash(normalize(path)));
}

/** The directory of a device_config. Rejects with the refusals of drivers when it is missing, wrong, or not there. */
export async function locationOf(deviceConfig: ReadonlyMap<string, string>): Promise<Location> {
  const given = deviceConfig.get('location') ?? '';
  if (given === '') throw refusal('noLocation', 'The location parameter is missing');
  if (!isUsablePath(given)) throw refusal('badParameter', `${given} is no directory that may hold disks`);
  const path = withoutSlash(normalize(given));
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory()) throw refusal('srNotThere', `There is no directory ${path}`);
  if (isSystemDirectory(real)) throw refusal('badParameter', `${given} is no directory that may hold disks`);
  return { path, real };
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
