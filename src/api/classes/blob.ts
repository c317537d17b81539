import { rm } from 'node:fs/promises';
import type { ClassBehaviour } from '../behaviour.js';
import { blobPath } from '../blob-path.js';
import { createBlob } from '../blobs.js';

/** Small files that belong to objects; their content goes over HTTP. */
export const blob: ClassBehaviour<'blob'> = {
  messages: {
    create: ({ api }, mimeType, isPublic) => createBlob(api.db, mimeType, isPublic),
    destroy: async ({ api }, self) => {
      const { uuid } = api.db.get('blob', self);
      api.db.destroy('blob', self);
      await rm(blobPath(api.dataDir, uuid), { force: true });
    },
  },
};
