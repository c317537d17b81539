import type { Command, CommandContext } from '../../command.js';
import { STANDARD_PARAMETERS } from '../../parameters.js';
import { download, type Transfer } from '../../tasks/transfer.js';
import { sends } from '../sends.js';
import { recommendationTable } from '../wlb.js';

/** Parameters of a report that are not part of its own. */
const NOT_OF_REPORT: ReadonlySet<string> = new Set(['report', 'filename']);

/** The workload balancing service: a server of its own that says where VMs would be better off. */
export const poolWlbCommands: readonly Command[] = [
  {
    name: 'pool-initialize-wlb',
    required: ['wlb_url', 'wlb_username', 'wlb_password', 'xenserver_username', 'xenserver_password'],
    optional: [],
    description: 'Has the pool use a workload balancing service, each of them logging in at the other.',
    async run({ api, parameters }) {
      const url = parameters.required('wlb_url');
      const [user, password] = [parameters.required('wlb_username'), parameters.required('wlb_password')];
      const [ownUser, ownPassword] = [parameters.required('xenserver_username'), parameters.required('xenserver_password')];
      await api.call('pool', 'initialize_wlb', url, user, password, ownUser, ownPassword);
    },
  },
  {
    name: 'pool-deconfigure-wlb',
    required: [],
    optional: [],
    description: 'Has the pool forget its workload balancing service.',
    run: sends('pool', 'deconfigure_wlb'),
  },
  {
    name: 'pool-send-wlb-configuration',
    required: [],
    optional: ['config:'],
    description: 'Changes settings of the workload balancing service.',
    async run({ api, parameters }) {
      await api.call('pool', 'send_wlb_configuration', parameters.map('config'));
    },
  },
  {
    name: 'pool-retrieve-wlb-configuration',
    required: [],
    optional: [],
    description: 'Shows the settings of the workload balancing service.',
    async run({ api, printer }) {
      printer.table([[...(await api.call('pool', 'retrieve_wlb_configuration'))]]);
    },
  },
  {
    name: 'pool-retrieve-wlb-recommendations',
    required: [],
    optional: [],
    description: 'Shows which VMs the workload balancing service would move, and where to.',
    async run({ api, printer }) {
      printer.table([recommendationTable(api, await api.call('pool', 'retrieve_wlb_recommendations'))]);
    },
  },
  {
    name: 'pool-retrieve-wlb-report',
    required: ['report'],
    optional: ['filename'],
    flags: ['neverforward'],
    description: 'Fetches a report of the workload balancing service into a file; parameters that it takes are handed on.',
    async run(context) {
      const { list } = context.parameters;
      const own = list.filter(({ name }) => !STANDARD_PARAMETERS.has(name) && !NOT_OF_REPORT.has(name));
      const query = { report: context.parameters.required('report'), ...Object.fromEntries(own.map((p) => [p.name, p.value])) };
      await fetchFile(context, { label: 'Report of the workload balancing service', path: '/wlb_report', query });
    },
  },
  {
    name: 'pool-retrieve-wlb-diagnostics',
    required: [],
    optional: ['filename'],
    flags: ['neverforward'],
    description: 'Fetches the log of the workload balancing service into a file.',
    run: (context) => fetchFile(context, { label: 'Log of the workload balancing service', path: '/wlb_diagnostics' }),
  },
];

/** Without a name the text goes to the client's standard output, where nothing else may be. */
async function fetchFile(context: CommandContext, transfer: Omit<Transfer, 'fileName'>): Promise<void> {
  const fileName = context.parameters.text('filename', '');
  await download(context, { ...transfer, fileName });
  if (fileName !== '') context.client.print(`${transfer.label} succeeded`);
}
