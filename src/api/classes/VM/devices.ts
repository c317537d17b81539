import { createBlobOf } from '../../blobs.js';
import { freePositions } from '../../storage/device-numbers.js';
import type { VmMessages } from './messages.js';

/** Places for network cards that are offered; more are taken where a client insists. */
const CARDS: readonly string[] = Array.from({ length: 16 }, (_, position) => String(position));

/** What can be plugged into a VM or hung on it. */
export const devices: VmMessages = {
  get_allowed_VBD_devices: ({ api }, self) => freePositions(api.db, api.db.get('VM', self)),
  get_allowed_VIF_devices: ({ api }, self) => {
    const used = new Set(api.db.get('VM', self).VIFs.map((vif) => api.db.find('VIF', vif)?.fields.device));
    return CARDS.filter((device) => !used.has(device));
  },
  create_new_blob: ({ api }, vm, name, mimeType, isPublic) => createBlobOf(api.db, 'VM', vm, name, mimeType, isPublic),
};
