import type { Ref } from '../../model/ref.js';
import type { ApiClient } from '../api/api-client.js';
import type { TableRow } from '../printer.js';

/** What the workload balancing service recommends for VMs, behind a heading. */
export function recommendationTable(api: ApiClient, recommendations: ReadonlyMap<Ref<'VM'>, readonly string[]>): TableRow[] {
  const rows = [...recommendations].map(([vm, words]): TableRow => [vmName(api, vm), words.join(' ')]);
  return [['VM', 'recommendation'], ...rows];
}

/** A VM as tables of hosts name it: uuid and name. */
export function vmName(api: ApiClient, vm: Ref<'VM'>): string {
  const { uuid, name_label: name } = api.record('VM', vm).fields;
  return `${uuid} (${name})`;
}
