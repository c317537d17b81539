import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { type ClassBehaviour, storedOnly } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import { getNbdInfo } from '../../storage/nbd/nbd-info.js';
import { assertPlugged, isPluggedOn, pbdsOf, storageForVdi, volumeAddress } from '../../storage/placement.js';
import { destroyResetBase } from '../../storage/reset-on-boot.js';
import { labelProperties } from '../../storage/volume-label.js';
import { assertManaged } from '../../storage/volumes.js';

/** What clients say of a disk. */
export const settings: ClassBehaviour<'VDI'>['messages'] = {
  set_name_label: (call, self, name_label) => rename(call, self, { name_label }),
  set_name_description: (call, self, name_description) => rename(call, self, { name_description }),
  set_on_boot: async (call, self, on_boot) => {
    const { api, task } = call;
    const { db } = api;
    assertVmsHalted(call, self);
    const { SR } = db.get('VDI', self);
    await api.operations.run(task, [target('SR', SR, 'vdi_set_on_boot'), target('VDI', self, 'set_on_boot')], async () => {
      assertPlugged(db, SR);
      if (on_boot === 'persist') await destroyResetBase(api, self);
      db.set('VDI', self, { on_boot });
    });
  },
  // Whether reads are cached is for the host to make use of; nothing depends on it.
  set_allow_caching: storedOnly((call: Call, self: Ref<'VDI'>, allow_caching: boolean) => {
    assertVmsHalted(call, self);
    call.api.db.set('VDI', self, { allow_caching });
  }),
  generate_config: ({ api, task }, host, vdi) =>
    api.operations.run(task, [target('VDI', vdi, 'generate_config')], () => {
      const { db } = api;
      db.get('host', host);
      const fields = db.get('VDI', vdi);
      if (!isPluggedOn(db, fields.SR, host)) throw new ApiError('SR_HAS_NO_PBDS', fields.SR);
      assertManaged(fields, vdi);
      const sr = db.get('SR', fields.SR);
      const own = pbdsOf(db, fields.SR).find(([, pbd]) => pbd.host === host);
      return JSON.stringify({
        sr_uuid: sr.uuid,
        sr_type: sr.type,
        sr_sm_config: Object.fromEntries(sr.sm_config),
        device_config: Object.fromEntries(own?.[1].device_config ?? []),
        vdi_uuid: fields.uuid,
        location: fields.location,
      });
    }),
  get_nbd_info: getNbdInfo,
};

/** Names go to the storage first: an SR that is introduced elsewhere is told by what lies there. */
async function rename(
  { api }: Call,
  self: Ref<'VDI'>,
  patch: { readonly name_label: string } | { readonly name_description: string },
): Promise<void> {
  const { db } = api;
  const vdi = db.get('VDI', self);
  assertPlugged(db, vdi.SR);
  const { name_label, name_description } = { ...vdi, ...patch };
  // Of a disk whose data was destroyed or is away, storage keeps nothing.
  if (vdi.type !== 'cbt_metadata' && !vdi.missing) {
    const label = { name: name_label, description: name_description, properties: labelProperties(db, vdi) };
    await storageForVdi(api, self).labelVolume(volumeAddress(api, self), label);
  }
  if (db.exists('VDI', self)) db.set('VDI', self, patch);
}

function assertVmsHalted({ api: { db } }: Call, self: Ref<'VDI'>): void {
  for (const ref of db.get('VDI', self).VBDs) {
    const { VM } = db.get('VBD', ref);
    const { power_state } = db.get('VM', VM);
    if (power_state !== 'Halted') throw new ApiError('VM_BAD_POWER_STATE', VM, 'halted', power_state.toLowerCase());
  }
}
