import type { Database } from '../db/database.js';
import { NULL_REF, type Ref } from '../model/ref.js';

/** Gives a VM a TPM device with the state of another one, or an empty one. A unique device's state is never copied. */
export function createVtpm(db: Database, vm: Ref<'VM'>, unique: boolean, copyOf?: Ref<'VTPM'>): Ref<'VTPM'> {
  return db.transaction(() => {
    const origin = copyOf && !unique ? db.find('VTPM', copyOf)?.fields.contents : undefined;
    const value = origin === undefined ? '' : (db.find('secret', origin)?.fields.value ?? '');
    const contents = db.create('secret', { value });
    return db.create('VTPM', { VM: vm, backend: NULL_REF, persistence_backend: 'xapi', is_unique: unique, contents });
  });
}

/** Removes a TPM device with its state. */
export function removeVtpm(db: Database, ref: string): void {
  db.transaction(() => {
    const vtpm = db.find('VTPM', ref)?.fields;
    if (!vtpm) return;
    if (db.exists('secret', vtpm.contents)) db.destroy('secret', vtpm.contents);
    db.destroy('VTPM', ref);
  });
}
