import type { Command } from '../../command.js';
import { recordClass } from '../../records/classes.js';
import type { Field, RecordClass } from '../../records/record-class.js';
import { fieldsNamed, tableRows } from '../../records/show.js';
import { targetOfRef } from '../../records/targets.js';
import { refOf } from '../support.js';
import { recommendationTable } from '../wlb.js';

const SHOWN = ['uuid', 'name-label', 'reason'];

/** What would become of the VMs of a host that is to be emptied. */
export const hostEvacuationCommands: readonly Command[] = [
  {
    name: 'host-get-vms-which-prevent-evacuation',
    required: ['uuid'],
    optional: [],
    description: 'Lists the VMs that could not leave a host, with the reason of each.',
    async run(context) {
      const { api, parameters, printer } = context;
      const reasons = await api.call('host', 'get_vms_which_prevent_evacuation', refOf(context, 'host', 'uuid'));
      const vms = withReasons(recordClass('vm'), reasons);
      const targets = [...reasons.keys()].map((vm) => targetOfRef(api, vms, vm));
      printer.table(await tableRows(targets, fieldsNamed(vms, parameters.find('params'), SHOWN)));
    },
  },
  {
    name: 'host-retrieve-wlb-evacuate-recommendations',
    required: ['uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Tells where the workload balancing service would move the VMs of a host.',
    async run(context) {
      const host = refOf(context, 'host', 'uuid');
      const moves = await context.api.call('host', 'retrieve_wlb_evacuate_recommendations', host);
      context.printer.table([recommendationTable(context.api, moves)]);
    },
  },
];

/** VMs with one field more: why each of them cannot be moved. */
function withReasons(vms: RecordClass, reasons: ReadonlyMap<string, readonly string[]>): RecordClass {
  const reason: Field = { name: 'reason', access: 'RO', show: ({ ref }) => reasons.get(ref)?.join(',') ?? '' };
  return { ...vms, fields: [...vms.fields, reason] };
}
