import { isServer, isServerPath } from '../../../sr-types/device-config.js';
import { type RefusalKind, refusal } from '../../../storage-refusal.js';
import { needTools, type Tools } from '../tools/tools.js';
import { clientOptions } from './mount-options.js';
import type { Credentials, MountSource } from './mounts.js';

/** A share of an SMB server, and a directory in it: `/` for the share itself. */
export interface SmbShare {
  readonly share: string;
  readonly path: string;
}

/** Who has the files of a mount: SMB knows no users of the host. */
export interface Owner {
  readonly user: number;
  readonly group: number;
}

/** Names and passwords: printable, for they go into a file of lines. */
const PRINTABLE = /^[^\p{Cc}]{0,256}$/u;

/**
 * How SMB is mounted unless clients say otherwise. Locks stay on the host: those of the server would keep QEMU from the very bytes that it has
 * locked to tell others of itself.
 */
const OPTIONS = ['nobrl', 'cache=strict', 'actimeo=0', 'noatime', 'file_mode=0600', 'dir_mode=0711'];

/**
 * A share as clients write it, with slashes or backslashes, perhaps with a directory in it. Throws the refusals of drivers; `kind` is the one for what
 * is no share.
 */
export function smbShare(text: string, directory: string, kind: RefusalKind): SmbShare {
  const [empty, none, server = '', share = '', ...inside] = text.replaceAll('\\', '/').split('/');
  const path = `/${[...inside, ...directory.replaceAll('\\', '/').split('/')].filter(Boolean).join('/')}`;
  const isShare = empty === '' && none === '' && isServer(server) && /^[^\p{Cc}"*:<>?|,]{1,80}$/u.test(share) && share !== '..';
  if (!isShare || !isServerPath(path)) throw refusal(kind, `${text} is no share: it is written //server/share`);
  return { share: `//${server}/${share}`, path };
}

/** How a share is mounted. Throws the refusals of drivers. */
export function smbSource(
  { share, path }: SmbShare,
  {
    options = '',
    username = '',
    password = '',
    vers = '',
  }: Partial<Readonly<Record<'options' | 'username' | 'password' | 'vers', string>>>,
  owner: Owner | undefined,
): MountSource {
  const given = clientOptions('smb', options);
  if (given === undefined) throw refusal('badParameter', `The mount options ${options} are not permitted`);
  if (!PRINTABLE.test(username) || !PRINTABLE.test(password))
    throw refusal('badParameter', 'User name or password cannot be used');
  if (vers !== '' && !/^\d\.\d(?:\.\d)?$/.test(vers)) throw refusal('badSmbVersion', `There is no version ${vers} of SMB`);
  const own = owner === undefined ? [] : [`uid=${owner.user}`, `gid=${owner.group}`];
  const version = vers === '' ? [] : [`vers=${vers}`];
  const credentials: Credentials | undefined = username === '' ? undefined : { username, password };
  return {
    type: 'cifs',
    source: path === '/' ? share : share + path,
    options: [...OPTIONS, ...own, ...version, ...given, ...(credentials ? [] : ['guest'])],
    ...(credentials && { credentials }),
  };
}

/** Rejects with what to install when the host cannot mount SMB. */
export function needSmb(tools: Tools, kind: RefusalKind = 'smbMount'): Promise<void> {
  return needTools(tools, kind, 'mount.cifs', 'mount', 'umount');
}
