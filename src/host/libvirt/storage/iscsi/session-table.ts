import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A login of this host at a target, as the kernel tells of it. */
export interface IscsiSession {
  readonly iqn: string;
  /** Address and port of the target. */
  readonly address: string;
  readonly port: string;
  /** Number of the adapter that the session is for the kernel. */
  readonly host: number;
}

/** Every iSCSI session of the host. `sys` is where the kernel tells of itself. */
export async function sessionsOf(sys = '/sys'): Promise<readonly IscsiSession[]> {
  const directory = join(sys, 'class/iscsi_session');
  const names = await readdir(directory).catch((): string[] => []);
  const found = await Promise.all(names.map((name) => sessionOf(sys, join(directory, name))));
  return found.filter((session) => session !== undefined);
}

async function sessionOf(sys: string, directory: string): Promise<IscsiSession | undefined> {
  const real = await realpath(directory).catch(() => '');
  const host = /\/host(\d+)\//.exec(real)?.[1];
  const iqn = await textOf(join(directory, 'targetname'));
  if (host === undefined || iqn === '') return undefined;
  const connection = join(sys, 'class/iscsi_connection', `connection${basename(real).replace(/^session/, '')}:0`);
  const [address, port] = await Promise.all([
    textOf(join(connection, 'persistent_address')),
    textOf(join(connection, 'persistent_port')),
  ]);
  return { iqn, address, port, host: Number(host) };
}

async function textOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
