import { isIPv4 } from 'node:net';
import { v4 } from 'uuid';
import { fromDateTime } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import { refused, storedOnly } from '../../behaviour.js';
import { createBlobOf } from '../../blobs.js';
import { assertVirtualSwitch } from '../../network/virtual-switch.js';
import { target } from '../../operations/operations.js';
import type { PoolMessages } from './messages.js';

const DAY = 86_400_000;

/** How far ahead the next collection may be set, in days: about two periods. */
const TELEMETRY_DAYS: { readonly [F in EnumValue<'telemetry_frequency'>]: number } = { daily: 2, weekly: 14, monthly: 62 };

/** The rest of what is set for the pool as a whole. */
export const settingMessages: PoolMessages = {
  create_new_blob: ({ api }, pool, name, mimeType, isPublic) => createBlobOf(api.db, 'pool', pool, name, mimeType, isPublic),
  // There are no add-ons with methods of their own.
  has_extension: () => false,
  // Old TLS versions are never accepted, so that there is nothing to turn off.
  disable_ssl_legacy: () => undefined,
  test_archive_target: refused('MESSAGE_REMOVED'),
  deconfigure_wlb: refused('WLB_NOT_INITIALIZED'),
  send_wlb_configuration: refused('WLB_NOT_INITIALIZED'),
  retrieve_wlb_configuration: refused('WLB_NOT_INITIALIZED'),
  retrieve_wlb_recommendations: refused('WLB_NOT_INITIALIZED'),
  enable_redo_log: refused('CANNOT_ENABLE_REDO_LOG', 'changes are on the disk before they are answered: no other log is kept'),
  disable_redo_log: ({ api }) => api.db.set('pool', api.pool, { redo_log_enabled: false, redo_log_vdi: NULL_REF }),
  enable_tls_verification: storedOnly(({ api, task }) =>
    api.operations.run(task, [target('pool', api.pool, 'tls_verification_enable')], () =>
      api.db.transaction(() => {
        for (const [host] of [...api.db.all('host')]) api.db.set('host', host, { tls_verification_enabled: true });
        api.db.set('pool', api.pool, { tls_verification_enabled: true, wlb_verify_cert: true });
      }),
    ),
  ),
  set_vswitch_controller: storedOnly(({ api }, address) => {
    const { db, pool } = api;
    assertVirtualSwitch(api, db.get('pool', pool).master);
    if (address !== '' && !isIPv4(address)) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', 'address');
    db.transaction(() => {
      if (db.get('pool', pool).vswitch_controller === address) return;
      db.set('pool', pool, { vswitch_controller: address });
      for (const [controller] of [...db.all('SDN_controller')]) db.destroy('SDN_controller', controller);
      if (address !== '') db.create('SDN_controller', { protocol: 'ssl', address, port: 6632 });
    });
  }),
  set_igmp_snooping_enabled: storedOnly(({ api }, self, value) => {
    const { db } = api;
    if (value && db.get('pool', self).restrictions.get('restrict_igmp_snooping') === 'true')
      throw new ApiError('FEATURE_RESTRICTED');
    assertVirtualSwitch(api, db.get('pool', self).master);
    db.set('pool', self, { igmp_snooping_enabled: value });
  }),
  set_telemetry_next_collection: storedOnly(({ api: { db } }, self, value) => {
    const { telemetry_frequency: frequency } = db.get('pool', self);
    if (fromDateTime(value) > Date.now() + TELEMETRY_DAYS[frequency] * DAY)
      throw new ApiError('TELEMETRY_NEXT_COLLECTION_TOO_LATE', value);
    db.set('pool', self, { telemetry_next_collection: value });
  }),
  reset_telemetry_uuid: ({ api: { db } }, self) =>
    db.transaction(() => {
      const { telemetry_uuid: old } = db.get('pool', self);
      db.set('pool', self, { telemetry_uuid: db.create('secret', { value: v4() }) });
      if (db.exists('secret', old)) db.destroy('secret', old);
    }),
};
