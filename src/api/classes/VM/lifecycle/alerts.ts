import type { Ref } from '../../../../model/ref.js';
import type { AlertName } from '../../../alerts.js';
import type { Api } from '../../../api.js';

/** Tells people what became of a VM; the text begins with its name and uuid. */
export function tellOf(api: Api, name: AlertName, vm: Ref<'VM'>, what: string): void {
  const fields = api.db.find('VM', vm)?.fields;
  if (fields) api.alerts.send(name, 'VM', fields.uuid, `VM '${fields.name_label}' (uuid: ${fields.uuid}) ${what}`);
}

/** A host in a text for people. */
export function hostText({ db }: Api, host: Ref<'host'>): string {
  const { name_label: name, uuid } = db.get('host', host);
  return `${name} (uuid: ${uuid})`;
}
