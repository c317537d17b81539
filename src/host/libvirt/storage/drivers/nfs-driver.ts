import { serverOf } from '../../../sr-types/device-config.js';
import { refuseWithExports } from '../../../sr-types/findings.js';
import { exportsOf, needNfs, nfsSource } from '../mounts/nfs-source.js';
import { servedDriver } from './served-driver.js';

/** Disks as qcow2 files on an NFS server. */
export const nfsDriver = servedDriver({
  type: 'nfs',
  mount: 'nfsMount',
  unmount: 'nfsUnmount',

  async source(config, { tools }, inside) {
    const server = serverOf(config);
    const path = config.get('serverpath') ?? '';
    if (path === '') refuseWithExports(server, await exportsOf(tools, server));
    const options = { nfsversion: config.get('nfsversion'), options: config.get('options') };
    const found = nfsSource(server, inside === undefined ? path : `${path.replace(/\/+$/, '')}/${inside}`, options);
    await needNfs(tools);
    return found;
  },
});
