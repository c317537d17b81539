import { ApiError } from '../../../model/error.js';
import { isNullRef } from '../../../model/ref.js';
import { refused, storedOnly } from '../../behaviour.js';
import { refreshPifs } from '../../inventory/network-records.js';
import { reach } from '../../reach.js';
import { usePoolSecret } from '../pool/secret.js';
import { updateRestrictions } from './license.js';
import type { HostMessages } from './messages.js';

/** Milliseconds until the daemon stops, so that the answer gets out before. */
const SHUTDOWN_DELAY = 1000;

/** `HOST`, `HOST:PORT`, or an address; anything else would be an argument that no log service understands. */
const LOG_DESTINATION = /^[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}$|^\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?$/;

/** The daemon itself, as one host of the pool. */
export const agentMessages: HostMessages = {
  is_in_emergency_mode: () => false,
  local_management_reconfigure: refused('INTERNAL_ERROR', 'only a host in emergency mode takes this, and this one is not'),
  update_pool_secret: ({ api }, host, secret) => {
    reach(api, host);
    return usePoolSecret(api, secret);
  },
  shutdown_agent: () => {
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), SHUTDOWN_DELAY).unref();
  },
  signal_networking_change: ({ api }) => refreshPifs(api.db, api.localHost, reach(api, api.localHost)),
  emergency_ha_disable: refused('HA_NOT_ENABLED'),
  ha_xapi_healthcheck: () => true,
  local_assert_healthy: ({ api }) => {
    if (!api.hosts.find(api.localHost)) throw new ApiError('HOST_BROKEN');
  },
  request_backup: async ({ api }, host) => {
    reach(api, host);
    await api.db.durable();
  },
  sync_data: async ({ api }, host) => {
    // Everything that hosts of this daemon share lies in one place; what remains is that it is on the disk.
    reach(api, host);
    await api.db.durable();
  },
  syslog_reconfigure: storedOnly(({ api }, host) => {
    reach(api, host);
    const destination = api.db.get('host', host).logging.get('syslog_destination') ?? '';
    if (destination !== '' && !LOG_DESTINATION.test(destination))
      throw new ApiError('INVALID_VALUE', 'syslog_destination', destination);
  }),
  emergency_clear_mandatory_guidance: ({ api }) => api.db.set('host', api.localHost, { pending_guidances: [] }),
  emergency_disable_tls_verification: storedOnly(({ api }) => {
    const { db, localHost } = api;
    if (!db.get('host', localHost).tls_verification_enabled) return;
    db.set('host', localHost, { tls_verification_enabled: false });
    api.alerts.send('TLS_VERIFICATION_EMERGENCY_DISABLED', 'Host', db.get('host', localHost).uuid, '');
  }),
  emergency_reenable_tls_verification: storedOnly(({ api }) => {
    if (!api.db.get('pool', api.pool).tls_verification_enabled) throw new ApiError('TLS_VERIFICATION_NOT_ENABLED_IN_POOL');
    api.db.set('host', api.localHost, { tls_verification_enabled: true });
  }),
  create: (
    { api },
    uuid,
    nameLabel,
    _nameDescription,
    hostname,
    address,
    authType,
    authService,
    authConfiguration,
    licenseParams,
    edition,
    licenseServer,
    localCacheSr,
    chipsetInfo,
    _sslLegacy,
    lastSoftwareUpdate,
    lastUpdateHash,
    sshEnabled,
    sshTimeout,
    sshExpiry,
    consoleTimeout,
    sshAutoMode,
    secureBoot,
    softwareVersion,
    httpsOnly,
    maxCstate,
    ntpMode,
    ntpServers,
    timezone,
    numaPolicy,
    updatesApplied,
    guidancesFull,
    guidancesRecommended,
  ) => {
    const { db, persona } = api;
    return db.transaction(() => {
      const metrics = db.create('host_metrics', { live: false });
      const host = db.create('host', {
        uuid,
        name_label: nameLabel,
        name_description: 'Default install',
        hostname,
        address,
        metrics,
        enabled: false,
        API_version_major: persona.apiVersion.major,
        API_version_minor: persona.apiVersion.minor,
        API_version_vendor: persona.apiVersion.vendor,
        sched_policy: 'credit',
        supported_bootloaders: persona.supportedBootloaders,
        external_auth_type: authType,
        external_auth_service_name: authService,
        external_auth_configuration: authConfiguration,
        license_params: licenseParams,
        edition,
        license_server: licenseServer,
        ...(!isNullRef(localCacheSr) && { local_cache_sr: localCacheSr }),
        chipset_info: chipsetInfo,
        ssl_legacy: false,
        tls_verification_enabled: db.get('pool', api.pool).tls_verification_enabled,
        last_software_update: lastSoftwareUpdate,
        last_update_hash: lastUpdateHash,
        ssh_enabled: sshEnabled,
        ssh_enabled_timeout: sshTimeout,
        ssh_expiry: sshExpiry,
        console_idle_timeout: consoleTimeout,
        ssh_auto_mode: sshAutoMode,
        secure_boot: secureBoot,
        software_version: softwareVersion,
        https_only: httpsOnly,
        max_cstate: maxCstate,
        ntp_mode: ntpMode,
        ntp_custom_servers: ntpServers,
        timezone,
        numa_affinity_policy: numaPolicy,
        latest_synced_updates_applied: updatesApplied,
        pending_guidances_full: guidancesFull,
        pending_guidances_recommended: guidancesRecommended,
      });
      updateRestrictions(api);
      return host;
    });
  },
};
