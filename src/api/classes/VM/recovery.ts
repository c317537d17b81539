import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { pluggedHosts } from '../../storage/placement.js';
import type { VmMessages } from './messages.js';

/** Whether and how a VM could be brought into the pool of another session. Both sessions are of this pool here. */
export const recovery: VmMessages = {
  get_SRs_required_for_recovery: (call, self, sessionTo) => {
    assertSession(call, sessionTo);
    return missingSrs(call.api.db, self);
  },
  assert_can_be_recovered: (call, self, sessionTo) => {
    assertSession(call, sessionTo);
    const [missing] = missingSrs(call.api.db, self);
    if (missing !== undefined) throw new ApiError('VM_REQUIRES_SR', self, missing);
  },
};

/** Throws SESSION_INVALID for a session that is not there. */
function assertSession({ api }: Call, session: string): void {
  api.sessions.find(session);
}

/** SRs of the disks of a VM that no host has attached. */
function missingSrs(db: Database, self: string): Ref<'SR'>[] {
  const vdis = db.get('VM', self).VBDs.flatMap((ref) => {
    const vbd = db.find('VBD', ref)?.fields;
    return vbd && !vbd.empty ? [vbd.VDI] : [];
  });
  const srs = new Set(vdis.flatMap((vdi) => db.find('VDI', vdi)?.fields.SR ?? []));
  return [...srs].filter((sr) => {
    const record = db.find('SR', sr)?.fields;
    return record !== undefined && record.content_type !== 'iso' && pluggedHosts(db, sr).length === 0;
  });
}
