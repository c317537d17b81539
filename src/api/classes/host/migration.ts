import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import type { HostMessages } from './messages.js';
import { addressOf } from './network.js';

function url(address: string, path: string, session?: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host}${path}${session ? `?session_id=${session}` : ''}`;
}

/**
 * Readies a host for VMs from elsewhere: a session of its own for the sender, and where to find everything. The scheme is
 * always http, because senders change it by themselves.
 */
function receive(call: Call, host: Ref<'host'>, network: Ref<'network'>): ReadonlyMap<string, string> {
  const { api, session } = call;
  const { db } = api;
  const pif = db.get('network', network).PIFs.find((ref) => db.get('PIF', ref).host === host);
  if (!pif) throw new ApiError('HOST_CANNOT_ATTACH_NETWORK', host, network);
  const address = addressOf(db, pif);
  if (address === '') {
    const { primary_address_type: type, ip_configuration_mode: v4, ipv6_configuration_mode: v6 } = db.get('PIF', pif);
    const configured = (type === 'IPv4' ? v4 : v6) !== 'None';
    throw new ApiError(configured ? 'INTERFACE_HAS_NO_IP' : 'PIF_HAS_NO_NETWORK_CONFIGURATION', pif);
  }
  const { ref } = api.sessions.create({
    userName: session.userName,
    superuser: session.superuser,
    pool: session.pool,
    userSid: session.userSid,
    subject: session.subject,
    roles: session.roles,
    originator: session.originator,
    permissions: db.find('session', session.ref)?.fields.rbac_permissions ?? [],
    host,
  });
  return new Map([
    ['SM', url(address, '/services/SM', ref)],
    ['host', host],
    ['xenops', url(address, '/services/xenops', ref)],
    ['session_id', ref],
    ['master', url(db.get('host', db.get('pool', api.pool).master).address, '')],
  ]);
}

/** The receiving end of a migration. */
export const migrationMessages: HostMessages = {
  migrate_receive: receive,
};
