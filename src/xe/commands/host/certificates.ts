import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onHosts } from '../../selectors/hosts.js';
import { loadFile } from '../../tasks/files.js';
import { sendsToHosts } from '../sends.js';

/** The certificate that a host shows to its clients. */
export const hostCertificateCommands: readonly Command[] = [
  {
    name: 'host-get-server-certificate',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Shows the certificate of a host in PEM form.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.message(await api.call('host', 'get_server_certificate', ref)));
    },
  },
  {
    name: 'host-server-certificate-install',
    required: ['certificate', 'private-key'],
    optional: ['certificate-chain'],
    selectors: 'host',
    description: 'Gives a host a certificate, its private key, and the certificates between it and its authority, from files.',
    async run(context) {
      const { api, parameters } = context;
      const chains = parameters.all('certificate-chain');
      if (chains.length > 1) throw new CommandFailure('There can be one certificate-chain only');
      const certificate = await textOf(context, parameters.required('certificate'));
      const privateKey = await textOf(context, parameters.required('private-key'));
      const chain = chains[0] === undefined ? '' : await textOf(context, chains[0]);
      await onHosts(context, ({ ref }) => api.call('host', 'install_server_certificate', ref, certificate, privateKey, chain));
    },
  },
  {
    name: 'host-reset-server-certificate',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Gives a host a new certificate that it has signed itself.',
    run: sendsToHosts('reset_server_certificate'),
  },
  {
    name: 'host-refresh-server-certificate',
    required: ['host'],
    optional: [],
    selectors: 'host',
    description: 'Renews the certificate by which other hosts of the pool know a host.',
    run: sendsToHosts('refresh_server_certificate'),
  },
];

async function textOf(context: CommandContext, fileName: string): Promise<string> {
  return (await loadFile(context, fileName)).toString();
}
