import type { Host } from '../../../host/host.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import { guestsOf } from '../../availability/evacuation.js';
import type { Call } from '../../call.js';
import { failureOf, invoke } from '../../invoke.js';
import { target } from '../../operations/operations.js';
import { isLive, reach } from '../../reach.js';
import type { HostMessages } from './messages.js';
import { removeHostRecords } from './removal.js';

/** Presses a button of the host while it shows the operation. */
function press(
  call: Call,
  host: Ref<'host'>,
  operation: EnumValue<'host_allowed_operations'>,
  button: (physical: Host) => Promise<void>,
): Promise<void> {
  return call.api.operations.run(call.task, [target('host', host, operation)], async () => {
    const physical = operation === 'power_on' ? call.api.hosts.get(host) : reach(call.api, host);
    await button(physical);
  });
}

function enable({ api }: Call, host: Ref<'host'>): void {
  const { enabled, pending_guidances: guidances } = api.db.get('host', host);
  if (enabled) return;
  if (guidances.length) throw new ApiError('HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY', host);
  api.db.set('host', host, { enabled: true });
}

/** What is only done to a host that is down for good. */
function assertDead({ api }: Call, host: Ref<'host'>): void {
  api.db.get('host', host);
  if (isLive(api.db, host)) throw new ApiError('HOST_IS_LIVE', host);
}

/** Taking a host into and out of service, its power, and what is done with one that is dead. */
export const powerMessages: HostMessages = {
  disable: ({ api }, host) => {
    reach(api, host);
    api.db.set('host', host, { enabled: false });
  },
  enable: (call, host) =>
    call.api.operations.run(call.task, [target('host', host, 'enable')], () => {
      reach(call.api, host);
      enable(call, host);
    }),
  shutdown: (call, host) => press(call, host, 'shutdown', ({ power }) => power.shutdown()),
  reboot: (call, host) => press(call, host, 'reboot', ({ power }) => power.reboot()),
  // The host goes down by itself: whatever still runs on it must end now.
  prepare_for_poweroff: async (call, host) => {
    const { api } = call;
    reach(api, host);
    api.db.set('host', host, { enabled: false });
    for (const vm of guestsOf(api, host))
      if (await failureOf(() => invoke(call, 'VM', 'clean_shutdown', vm)))
        if (api.db.get('VM', vm).resident_on === host) await invoke(call, 'VM', 'hard_shutdown', vm);
    for (const pbd of api.db.get('host', host).PBDs) await invoke(call, 'PBD', 'unplug', pbd);
  },
  power_on: (call, host) => press(call, host, 'power_on', ({ power }) => power.powerOn()),
  set_power_on_mode: ({ api: { db } }, self, mode, config) => {
    db.transaction(() => {
      const before = db.get('host', self).power_on_config;
      db.set('host', self, { power_on_mode: mode, power_on_config: config });
      const kept = new Set(config.values());
      for (const [key, uuid] of before) {
        const secret = key.endsWith('password_secret') && !kept.has(uuid) && db.table('secret').refsByUuid.get(uuid);
        if (secret) db.destroy('secret', secret);
      }
    });
  },
  declare_dead: async (call, host) => {
    assertDead(call, host);
    for (const vm of guestsOf(call.api, host)) await invoke(call, 'VM', 'power_state_reset', vm);
    call.api.db.set('host', host, { enabled: false });
  },
  destroy: async (call, self) => {
    const { api } = call;
    assertDead(call, self);
    if (api.db.get('pool', api.pool).ha_enabled) throw new ApiError('HA_IS_ENABLED');
    if (guestsOf(api, self).length) throw new ApiError('HOST_HAS_RESIDENT_VMS', self);
    const physical = api.hosts.find(self);
    api.hosts.remove(self);
    removeHostRecords(api.db, self);
    await physical?.close();
  },
};
