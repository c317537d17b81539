import { refusal } from '../../../storage-refusal.js';
import { needSmb, smbShare, smbSource } from '../mounts/smb-source.js';
import { servedDriver } from './served-driver.js';

/** Disks as qcow2 files on an SMB server. */
export const smbDriver = servedDriver({
  type: 'smb',
  mount: 'smbMount',
  unmount: 'smbUnmount',

  async source(config, { tools, owner }, inside = '') {
    const server = config.get('server') ?? '';
    if (server === '') throw refusal('noServer', 'The server parameter is missing');
    const share = smbShare(server, `${config.get('serverpath') ?? ''}/${inside}`, 'badParameter');
    const given = {
      options: config.get('options') ?? '',
      username: config.get('username') ?? '',
      password: config.get('password') ?? '',
    };
    const found = smbSource(share, given, await owner());
    await needSmb(tools);
    return found;
  },
});
