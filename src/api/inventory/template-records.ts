import { v4 } from 'uuid';
import type { Database } from '../../db/database.js';
import { toDateTime } from '../../model/datetime.js';
import { shippedTemplates } from '../../model/templates/vm-template.js';

/** Makes the shipped templates that the pool does not have; those that it has, users may have changed. */
export function createTemplates(db: Database): void {
  db.transaction(() => {
    for (const { uuid, fields } of shippedTemplates()) {
      if (db.table('VM').refsByUuid.has(uuid)) continue;
      const metrics = db.create('VM_metrics', { install_time: toDateTime() });
      db.create('VM', {
        ...fields,
        other_config: new Map([...fields.other_config, ['mac_seed', v4()]]),
        uuid,
        is_default_template: true,
        domid: -1,
        metrics,
      });
    }
  });
}
