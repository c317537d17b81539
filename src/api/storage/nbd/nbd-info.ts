import { X509Certificate } from 'node:crypto';
import { ApiError } from '../../../model/error.js';
import { RecordVersion } from '../../../model/record.js';
import type { Handler } from '../../behaviour.js';
import { serverCertificate } from '../../certificates/server.js';
import { pluggedHosts } from '../placement.js';
import { exportName } from './export-name.js';
import { offeredAddresses } from './offered-addresses.js';

/** VDI.get_nbd_info: one entry for each address at which the disk can be read; none where no network offers disks. */
export const getNbdInfo: Handler<'VDI', 'get_nbd_info'> = async ({ api, session }, self) => {
  const { type, uuid, SR } = api.db.get('VDI', self);
  if (type === 'cbt_metadata') throw new ApiError('VDI_INCOMPATIBLE_TYPE', self, type);
  const found = pluggedHosts(api.db, SR).flatMap((host) =>
    offeredAddresses(api, host).map((address) => ({ address, hostname: api.db.get('host', host).hostname })),
  );
  const [first] = found;
  const port = api.diskServer?.port;
  if (!first || port === undefined) return [];
  const cert = await serverCertificate(api);
  const subject = nameIn(cert) ?? first.hostname;
  const exportname = exportName({ vdi: uuid, session: session.ref });
  return [...new Set(found.map(({ address }) => address))].map(
    (address) => new RecordVersion('vdi_nbd_server_info', { exportname, address, port, cert, subject }),
  );
};

/** The first name in a certificate, one without a wildcard where there is one. */
function nameIn(cert: string): string | undefined {
  const names = (new X509Certificate(cert).subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => /^DNS:(.+)$/.exec(entry)?.[1] ?? []);
  return names.find((name) => !name.startsWith('*')) ?? names[0];
}
