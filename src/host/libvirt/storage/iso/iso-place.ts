import type { DeviceConfig } from '../../../sr-types/device-config.js';
import { refusal } from '../../../storage-refusal.js';
import type { MountSource } from '../mounts/mounts.js';
import { nfsSource } from '../mounts/nfs-source.js';
import { type Owner, smbShare, smbSource } from '../mounts/smb-source.js';

/** Where the images of an ISO library are. */
export type IsoPlace =
  | { readonly kind: 'directory' }
  | { readonly kind: 'nfs' | 'smb'; readonly source: (owner: Owner | undefined) => MountSource };

/** Where a configuration says that CD images are, in all of the forms that clients have for it. Throws the refusals of drivers. */
export function isoPlace(config: DeviceConfig): IsoPlace {
  const location = config.get('location') ?? '';
  const type = config.get('type') ?? '';
  const isShare = /^(?:\/\/|\\\\)/.test(location);
  if (type === 'cifs' || type === 'smb' || (type === '' && isShare))
    return { kind: 'smb', source: (owner) => smb(config, owner) };
  const [, server, path] = /^(\[[^\]]+\]|[^/:]+):(\/.*)$/.exec(location) ?? [];
  if (type === 'nfs_iso' || type === 'nfs' || (type === '' && server !== undefined)) {
    if (server === undefined || path === undefined)
      throw refusal('badIsoLocation', `${location} is no directory of an NFS server: it is written server:/path`);
    return { kind: 'nfs', source: () => nfs(config, server, path) };
  }
  if (type !== '') throw refusal('badParameter', `There is no type ${type} of ISO libraries: it is nfs_iso or cifs`);
  return { kind: 'directory' };
}

function nfs(config: DeviceConfig, server: string, path: string): MountSource {
  const inside = isoPath(config);
  const options = { nfsversion: config.get('nfsversion'), options: config.get('options') };
  return readOnly(nfsSource(server, inside === '' ? path : `${path.replace(/\/+$/, '')}/${inside}`, options, 'isoMount'));
}

function smb(config: DeviceConfig, owner: Owner | undefined): MountSource {
  const share = smbShare(config.get('location') ?? '', isoPath(config), 'badIsoLocation');
  const given = {
    options: config.get('options') ?? '',
    username: config.get('username') ?? '',
    password: config.get('cifspassword') ?? '',
    vers: config.get('vers') ?? '',
  };
  return readOnly(smbSource(share, given, owner));
}

function isoPath(config: DeviceConfig): string {
  return (config.get('iso_path') ?? '').replaceAll('\\', '/').replace(/^\/+|\/+$/g, '');
}

function readOnly(source: MountSource): MountSource {
  return { ...source, options: ['ro', ...source.options] };
}
