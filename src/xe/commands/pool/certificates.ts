import { posix } from 'node:path';
import { enums } from '../../../../schema/enums.js';
import type { Command, CommandContext } from '../../command.js';
import { loadFile } from '../../tasks/files.js';
import { parseWord } from '../../values.js';
import { poolNamed, sends, sendsToPool } from '../sends.js';
import { refOf } from '../support.js';

/** Certificates that the hosts of a pool trust, and lists of those that are trusted no more. */
export const poolCertificateCommands: readonly Command[] = [
  {
    name: 'pool-install-ca-certificate',
    required: ['filename'],
    optional: [],
    description: 'Has the pool trust an authority, whose certificate is read from a file.',
    run: (context) => install(context, 'install_ca_certificate'),
  },
  {
    name: 'pool-uninstall-ca-certificate',
    required: ['name'],
    optional: ['force'],
    description: 'Has the pool trust an authority no more.',
    run: uninstall,
  },
  {
    name: 'pool-certificate-install',
    required: ['filename'],
    optional: [],
    flags: ['deprecated'],
    description: 'The old name of pool-install-ca-certificate.',
    run: (context) => install(context, 'install_ca_certificate'),
  },
  {
    name: 'pool-certificate-uninstall',
    required: ['name'],
    optional: [],
    flags: ['deprecated'],
    description: 'The old name of pool-uninstall-ca-certificate.',
    run: uninstall,
  },
  {
    name: 'pool-certificate-list',
    required: [],
    optional: [],
    flags: ['deprecated'],
    description: 'Lists the names of certificates that the pool trusts. certificate-list type=ca tells more.',
    async run({ api, printer }) {
      printer.lines(...(await api.call('pool', 'certificate_list')));
    },
  },
  {
    name: 'pool-crl-install',
    required: ['filename'],
    optional: [],
    description: 'Gives the pool a list of certificates that are trusted no more, from a file.',
    run: (context) => install(context, 'crl_install'),
  },
  {
    name: 'pool-crl-uninstall',
    required: ['name'],
    optional: [],
    description: 'Takes a list of certificates that are trusted no more away from the pool.',
    async run({ api, parameters }) {
      await api.call('pool', 'crl_uninstall', parameters.required('name'));
    },
  },
  {
    name: 'pool-crl-list',
    required: [],
    optional: [],
    description: 'Names the lists of certificates that are trusted no more.',
    async run({ api, printer }) {
      printer.lines(...(await api.call('pool', 'crl_list')));
    },
  },
  {
    name: 'pool-certificate-sync',
    required: [],
    optional: [],
    description: 'Copies certificates from the coordinator to every host.',
    run: sends('pool', 'certificate_sync'),
  },
  {
    name: 'pool-install-trusted-certificate',
    required: ['filename', 'ca'],
    optional: ['uuid', 'purpose'],
    description: 'Has the pool trust a certificate from a file, that of an authority or one alone, for some purposes or for all.',
    async run(context) {
      const { api, parameters } = context;
      const pool = poolNamed(context);
      const ofAuthority = parameters.boolean('ca', true);
      const purposes = parameters.commas('purpose').map((word) => parseWord(enums.certificate_purpose, word));
      const certificate = await loadFile(context, parameters.required('filename'));
      await api.call('pool', 'install_trusted_certificate', pool, ofAuthority, certificate.toString(), purposes);
    },
  },
  {
    name: 'pool-uninstall-trusted-certificate',
    required: ['certificate-uuid'],
    optional: ['uuid'],
    description: 'Has the pool trust a certificate no more.',
    async run(context) {
      const certificate = refOf(context, 'Certificate', 'certificate-uuid');
      await context.api.call('pool', 'uninstall_trusted_certificate', poolNamed(context), certificate);
    },
  },
  {
    name: 'pool-enable-tls-verification',
    required: [],
    optional: [],
    description: 'Has hosts check the certificates of those that they connect to.',
    run: sends('pool', 'enable_tls_verification'),
  },
  {
    name: 'pool-enable-client-certificate-auth',
    required: ['name'],
    optional: [],
    description: 'Lets clients in that have a certificate of an authority with this name in it.',
    async run(context) {
      const name = context.parameters.required('name');
      await context.api.call('pool', 'enable_client_certificate_auth', poolNamed(context), name);
    },
  },
  {
    name: 'pool-disable-client-certificate-auth',
    required: [],
    optional: [],
    description: 'Lets nobody in for a certificate.',
    run: sendsToPool('disable_client_certificate_auth'),
  },
];

/** The pool knows a file by its name without directories. */
async function install(context: CommandContext, message: 'install_ca_certificate' | 'crl_install'): Promise<void> {
  const fileName = context.parameters.required('filename');
  const content = await loadFile(context, fileName);
  await context.api.call('pool', message, posix.basename(fileName), content.toString());
}

async function uninstall({ api, parameters }: CommandContext): Promise<void> {
  await api.call('pool', 'uninstall_ca_certificate', parameters.required('name'), parameters.boolean('force'));
}
