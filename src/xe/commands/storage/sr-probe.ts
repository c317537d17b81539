import type { RecordVersion } from '../../../model/record.js';
import type { Command, CommandContext } from '../../command.js';
import type { TableRow } from '../../printer.js';
import { storageHost } from './storage-host.js';
import { unwrapProbe } from './unwrap-probe.js';

/** Looking for storage. */
export const srProbeCommands: readonly Command[] = [
  {
    name: 'sr-probe',
    required: ['type'],
    optional: ['host-uuid', 'device-config:', 'sm-config:'],
    description: 'Prints, as XML, what a driver finds where device-config: says, or what that still lacks.',
    async run(context) {
      const { api, parameters, printer } = context;
      const host = storageHost(context, true);
      const [deviceConfig, smConfig] = [parameters.map('device-config'), parameters.map('sm-config')];
      printer.lines(unwrapProbe(await api.call('SR', 'probe', host, deviceConfig, parameters.required('type'), smConfig)));
    },
  },
  {
    name: 'sr-probe-ext',
    required: ['type'],
    optional: ['host-uuid', 'device-config:', 'sm-config:'],
    description: 'Prints, as tables, the SRs and the configurations that a driver finds where device-config: says.',
    run: probeExtended,
  },
];

type Finding = RecordVersion<'probe_result'>['fields'];

async function probeExtended(context: CommandContext): Promise<void> {
  const { api, parameters, printer } = context;
  const host = storageHost(context, true);
  const [deviceConfig, smConfig] = [parameters.map('device-config'), parameters.map('sm-config')];
  const records = await api.call('SR', 'probe_ext', host, deviceConfig, parameters.required('type'), smConfig);
  // The original prints what was found last first.
  const found = records.map(({ fields }) => fields).reverse();
  const details = (what: string, { configuration, extra_info }: Finding): void => {
    printer.message(`${what} configuration:`);
    printer.table([[...configuration]]);
    printer.message(`${what} extra information:`);
    printer.table([[...extra_info]]);
  };

  const srs = found.filter(({ sr }) => sr !== undefined);
  if (srs.length > 0) printer.message('Storage repositories:');
  for (const [i, finding] of srs.entries()) {
    printer.message(`SR ${i}:`);
    if (finding.sr) printer.table([statRows(finding.sr.fields)]);
    details(`SR ${i}`, finding);
  }
  for (const complete of [true, false]) {
    const places = found.filter((finding) => finding.sr === undefined && finding.complete === complete);
    if (places.length > 0)
      printer.message(complete ? 'Configurations for new SRs:' : 'Incomplete configurations, which may lead to SRs:');
    for (const [i, finding] of places.entries()) details(`Place ${i}`, finding);
  }
}

function statRows(sr: RecordVersion<'sr_stat'>['fields']): TableRow[] {
  return [
    ...(sr.uuid === undefined ? [] : [['uuid', sr.uuid] as const]),
    ['name-label', sr.name_label],
    ['name-description', sr.name_description],
    ['total-space', String(sr.total_space)],
    ['free-space', String(sr.free_space)],
    ['clustered', String(sr.clustered)],
    ['health', sr.health],
  ];
}
