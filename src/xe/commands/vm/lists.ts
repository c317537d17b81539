import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { Parameters } from '../../parameters.js';
import type { TableRow } from '../../printer.js';
import { crashdumpRecord, recordClass } from '../../records/classes.js';
import type { RecordClass } from '../../records/record-class.js';
import { fieldsNamed, tableRows } from '../../records/show.js';
import { targetOfRef } from '../../records/targets.js';
import { onVms, selectVms } from '../../selectors/vms.js';

/** What is shown of a card unless `params=` says otherwise. */
const CARD_FIELDS = ['uuid', 'device', 'MAC', 'network-uuid', 'network-name-label', 'vm-name-label'];

/** What belongs to VMs, and CDs. */
export const vmListCommands: readonly Command[] = [
  {
    name: 'vm-vif-list',
    required: [],
    optional: [],
    undeclared: ['params'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Lists the cards of VMs; params chooses the fields.',
    async run(context) {
      // It never changes anything, so it takes all that match.
      const parameters = new Parameters([{ name: 'multiple', value: 'true' }, ...context.parameters.list]);
      const params = parameters.find('params');
      await onVms({ ...context, parameters }, ({ record }) =>
        show(context, recordClass('vif'), record.fields.VIFs, params, CARD_FIELDS),
      );
    },
  },
  {
    name: 'vm-crashdump-list',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Lists the dumps of memory that crashes of VMs have left.',
    async run(context) {
      await onVms(context, ({ record }) => show(context, crashdumpRecord, record.fields.crash_dumps));
    },
  },
  {
    name: 'cd-list',
    required: [],
    optional: ['params'],
    flags: ['standard'],
    description: 'Lists the CDs in all SRs that hold images of CDs; params chooses the fields.',
    async run(context) {
      const srs = [...context.api.records('SR').values()].filter(({ fields }) => fields.content_type === 'iso');
      const cds = srs.flatMap(({ fields }) => fields.VDIs);
      await show(context, recordClass('vdi'), cds, context.parameters.find('params'), ['name-label', 'uuid']);
    },
  },
  {
    name: 'vm-query-services',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['standard', 'hidden'],
    description: 'Lists what services VMs offer to the pool.',
    async run(context) {
      const services = await onVms(context, ({ ref }) => context.api.call('VM', 'query_services', ref));
      context.printer.table(services.map((offered) => [...offered]));
    },
  },
  {
    name: 'vm-retrieve-wlb-recommendations',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Lists for each host what workload balancing thinks of running a VM there.',
    run: listRecommendations,
  },
];

/** Prints a table of objects. */
async function show(
  { api, printer }: CommandContext,
  shownClass: RecordClass,
  refs: readonly Ref<ClassName>[],
  params?: string,
  shown?: readonly string[],
): Promise<void> {
  const targets = refs.filter((ref) => ref !== NULL_REF).map((ref) => targetOfRef(api, shownClass, ref));
  printer.table(await tableRows(targets, fieldsNamed(shownClass, params, shown)));
}

async function listRecommendations(context: CommandContext): Promise<void> {
  const { api, printer } = context;
  const [vm, second] = await selectVms(context);
  if (!vm) throw new CommandFailure('No matching VMs found');
  if (second) throw new CommandFailure('Multiple matches VMs found. Operation can only be performed on one VM at a time');
  const recommendations = await api.call('VM', 'retrieve_wlb_recommendations', vm.ref);
  const rows = [...recommendations].map(([host, words]): TableRow => {
    const { name_label, uuid } = api.record('host', host).fields;
    return [`${name_label}(${uuid})`, words.join(' ')];
  });
  printer.table([[['Host(Uuid)', 'Stars, RecID, ZeroScoreReason'], ...rows]]);
}
