import { isServer, isServerPath } from '../../../sr-types/device-config.js';
import type { FoundExport } from '../../../sr-types/findings.js';
import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { CommandError } from '../../network/commands.js';
import { needTools, type Tools } from '../tools/tools.js';
import { clientOptions } from './mount-options.js';
import type { MountSource } from './mounts.js';

/** Versions of the protocol that clients may ask for, the original's among them. */
const VERSIONS = ['3', '4', '4.0', '4.1', '4.2'];

/**
 * How NFS is mounted unless clients say otherwise. A server that is gone makes work on it fail after two minutes, for what waits in the kernel can
 * neither be told of nor ended. Directories are asked for each time: other hosts write there.
 */
const OPTIONS = ['soft', 'timeo=100', 'retrans=3', 'retry=0', 'acdirmin=0', 'acdirmax=0', 'noatime'];

/** Most exports of a server that are told. */
const MOST_EXPORTS = 1000;

/** A directory of an NFS server, as a client wrote it. Throws the refusals of drivers. */
export function nfsSource(
  server: string,
  path: string,
  { nfsversion = '', options = '' }: { readonly nfsversion?: string | undefined; readonly options?: string | undefined },
  kind: RefusalKind = 'nfsMount',
): MountSource {
  if (!isServer(server)) throw refusal('badParameter', `${server} is no address`);
  if (!isServerPath(path)) throw refusal(kind, `${path} cannot be mounted: it is no absolute path`);
  if (nfsversion !== '' && !VERSIONS.includes(nfsversion))
    throw refusal('nfsVersion', `There is no version ${nfsversion} of NFS: choose one of ${VERSIONS.join(', ')}`);
  const given = clientOptions('nfs', options);
  if (given === undefined) throw refusal('badParameter', `The mount options ${options} are not permitted`);
  const version = nfsversion === '' ? [] : [`vers=${nfsversion}`];
  // Addresses of version 6 hold colons, as the sign between server and path is one.
  const host = server.includes(':') && !server.startsWith('[') ? `[${server}]` : server;
  return { type: 'nfs', source: `${host}:${path}`, options: [...OPTIONS, ...version, ...given] };
}

/** Rejects with what to install when the host cannot mount NFS. */
export function needNfs(tools: Tools, kind: RefusalKind = 'nfsMount'): Promise<void> {
  return needTools(tools, kind, 'mount.nfs', 'mount', 'umount');
}

/** What an NFS server exports, by the protocol of versions 2 and 3. Rejects with SR_BACKEND_FAILURE_108 when it does not tell. */
export async function exportsOf(tools: Tools, server: string): Promise<readonly FoundExport[]> {
  await needTools(tools, 'noNfsServer', 'showmount');
  try {
    const text = await tools.run('showmount', ['--no-headers', '--exports', '--', server]);
    return text
      .split('\n')
      .filter((line) => line.startsWith('/'))
      .slice(0, MOST_EXPORTS)
      .map((line) => {
        const [, path = line, access = '*'] = /^(.*\S)\s+(\S+)$/.exec(line) ?? [];
        return { path, access: access.replace(/^\(everyone\)$/, '*') };
      });
  } catch (thrown) {
    if (!(thrown instanceof CommandError)) throw thrown;
    throw refusal('noNfsServer', `${server} does not tell what it exports: ${thrown.text}`);
  }
}
