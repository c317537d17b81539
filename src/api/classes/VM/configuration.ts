import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { vmRefusal } from '../../operations/rules/VM/refusal.js';
import { checkPermission, permissionOf } from '../../roles.js';
import { addEntry, removeEntry, setEntries } from './map-entries.js';
import type { VmMessages } from './messages.js';

/** Maps with keys that not everybody who may set the map may set. */
type Guarded = 'other_config' | 'platform';

/**
 * Replacing a map needs the right to each guarded key that it adds, changes or takes away. The permission is that of the
 * message which would do so to the one key.
 */
function assertKeysAllowed({ api, session }: Call, self: Ref<'VM'>, field: Guarded, value: ReadonlyMap<string, string>): void {
  if (session.superuser) return;
  const old = api.db.get('VM', self)[field];
  const check = (message: string, key: string) => {
    const method = api.methods.find(message);
    const permission = method && permissionOf(method.message, [self, key]);
    if (permission?.name.includes('/key:')) checkPermission(session.roles, permission);
  };
  for (const [key, text] of value) if (old.get(key) !== text) check(`VM.add_to_${field}`, key);
  for (const key of old.keys()) if (!value.has(key)) check(`VM.remove_from_${field}`, key);
}

/** Free-form settings and the switches of the virtual hardware. What a switch means is checked at the start. */
export const configuration: VmMessages = {
  set_other_config: (call, self, value) => {
    assertKeysAllowed(call, self, 'other_config', value);
    setEntries(call.api.db, self, 'other_config', value);
  },
  add_to_other_config: ({ api }, self, key, value) => addEntry(api.db, self, 'other_config', key, value),
  remove_from_other_config: ({ api }, self, key) => removeEntry(api.db, self, 'other_config', key),
  set_platform: (call, self, value) => {
    assertKeysAllowed(call, self, 'platform', value);
    setEntries(call.api.db, self, 'platform', value);
  },
  add_to_platform: ({ api }, self, key, value) => addEntry(api.db, self, 'platform', key, value),
  remove_from_platform: ({ api }, self, key) => removeEntry(api.db, self, 'platform', key),
  set_actions_after_crash: ({ api }, self, value) => api.db.set('VM', self, { actions_after_crash: value }),
};

/** Operations as they are asked about and forbidden. */
export const operations: VmMessages = {
  assert_operation_valid: ({ api }, self, operation) => {
    const refusal = vmRefusal(api.db, self, api.db.get('VM', self), operation, true);
    if (refusal) throw refusal();
  },
  update_allowed_operations: ({ api }, self) => {
    const { VBDs, VIFs, VUSBs } = api.db.get('VM', self);
    api.db.transaction(() => {
      for (const vbd of VBDs) api.operations.refresh('VBD', vbd);
      for (const vif of VIFs) api.operations.refresh('VIF', vif);
      for (const vusb of VUSBs) api.operations.refresh('VUSB', vusb);
      api.operations.refresh('VM', self);
    });
  },
  set_blocked_operations: ({ api }, self, value) => setEntries(api.db, self, 'blocked_operations', value),
  add_to_blocked_operations: ({ api }, self, key, value) => addEntry(api.db, self, 'blocked_operations', key, value),
  remove_from_blocked_operations: ({ api }, self, key) => removeEntry(api.db, self, 'blocked_operations', key),
};
