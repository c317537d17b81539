import type { Database } from '../db/database.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { ClassName, Fields } from '../model/types.js';

/** Classes whose objects can have blobs of their own. */
type WithBlobs = { [C in ClassName]: 'blobs' extends keyof Fields<C> ? C : never }[ClassName];

/** Makes an empty blob that belongs to an object under a name. Throws MAP_DUPLICATE_KEY where the object has one of that name. */
export function createBlobOf(
  db: Database,
  className: WithBlobs,
  self: string,
  name: string,
  mimeType: string,
  isPublic: boolean,
): Ref<'blob'> {
  return db.transaction(() => {
    const { blobs } = db.get(className, self);
    if (blobs.has(name)) throw new ApiError('MAP_DUPLICATE_KEY', className, 'blobs', self, name);
    const blob = createBlob(db, mimeType, isPublic);
    db.set(className, self, { blobs: new Map([...blobs, [name, blob]]) } as Partial<Fields<WithBlobs>>);
    return blob;
  });
}

/** Makes an empty blob. */
export function createBlob(db: Database, mimeType: string, isPublic: boolean): Ref<'blob'> {
  return db.create('blob', { mime_type: mimeType === '' ? 'application/octet-stream' : mimeType, public: isPublic, size: 0 });
}
