import { ApiError } from '../../../model/error.js';
import { installServerCertificate, resetServerCertificate, serverCertificate } from '../../certificates/server.js';
import { TrustStore } from '../../certificates/store.js';
import { target } from '../../operations/operations.js';
import { reach } from '../../reach.js';
import { checkStore } from '../pool/trust.js';
import type { HostMessages } from './messages.js';

/** What a host shows to prove itself, and its copy of what the pool trusts. */
export const certificateMessages: HostMessages = {
  get_server_certificate: ({ api }, host) => {
    reach(api, host);
    return serverCertificate(api);
  },
  install_server_certificate: async ({ api }, host, certificate, privateKey, chain) => {
    reach(api, host);
    if (api.db.get('pool', api.pool).ha_enabled) throw new ApiError('HA_IS_ENABLED');
    await installServerCertificate(api, host, certificate, privateKey, chain);
  },
  reset_server_certificate: async ({ api }, host) => {
    reach(api, host);
    await resetServerCertificate(api, host);
  },
  emergency_reset_server_certificate: ({ api }) => resetServerCertificate(api, api.localHost),
  install_ca_certificate: async ({ api }, host, name, certificate) => {
    reach(api, host);
    await new TrustStore(api.dataDir).install('ca', name, certificate);
  },
  uninstall_ca_certificate: async ({ api }, host, name, force) => {
    reach(api, host);
    await new TrustStore(api.dataDir).uninstall('ca', name, force);
  },
  certificate_list: ({ api }, host) => {
    reach(api, host);
    return new TrustStore(api.dataDir).list('ca');
  },
  certificate_sync: (call, host) => {
    reach(call.api, host);
    return checkStore(call);
  },
  copy_primary_host_certs: (call, host) =>
    call.api.operations.run(call.task, [target('pool', call.api.pool, 'copy_primary_host_certs')], () => {
      reach(call.api, host);
      return checkStore(call);
    }),
  crl_install: async ({ api }, host, name, list) => {
    reach(api, host);
    await new TrustStore(api.dataDir).install('crl', name, list);
  },
  crl_uninstall: async ({ api }, host, name) => {
    reach(api, host);
    await new TrustStore(api.dataDir).uninstall('crl', name, false);
  },
  crl_list: ({ api }, host) => {
    reach(api, host);
    return new TrustStore(api.dataDir).list('crl');
  },
};
