import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/**
 * Keeps the iSCSI name of a host and the one of its record in step, until it is stopped. At first the host leads, where it has a name; then the record does:
 * clients write it to one of two fields.
 */
export async function followInitiator(api: Api, ref: Ref<'host'>, { storage }: Host): Promise<Unsubscribe> {
  const { initiator } = storage;
  if (initiator === undefined) return () => undefined;
  const { db } = api;
  const found = await initiator.name();
  const { iscsi_iqn, other_config } = db.get('host', ref);
  if (found !== '' && found !== iscsi_iqn)
    db.set('host', ref, { iscsi_iqn: found, other_config: new Map(other_config).set('iscsi_iqn', found) });
  let known = found;
  const write = (name: string): void => {
    if (name === '' || name === known) return;
    known = name;
    initiator.rename(name).catch((err: unknown) => api.log.warn({ err, name }, 'the host could not be given its iSCSI name'));
  };
  write(db.get('host', ref).iscsi_iqn);
  return db.onChange((changes) => {
    if (changes.some(({ table, row }) => table.model.name === 'host' && row.ref === ref))
      write(db.find('host', ref)?.fields.iscsi_iqn ?? '');
  });
}
