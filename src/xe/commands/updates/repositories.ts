import type { Command } from '../../command.js';
import { loadFile } from '../../tasks/files.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Places that updates come from. */
export const repositoryCommands: readonly Command[] = [
  {
    name: 'repository-introduce',
    required: ['name-label', 'binary-url', 'source-url', 'update'],
    optional: ['name-description', 'gpgkey-path'],
    description: 'Tells the pool of a repository and prints a uuid.',
    async run(context) {
      const { api, parameters } = context;
      const name = parameters.required('name-label');
      const description = parameters.text('name-description', '');
      const [binaries, sources] = [parameters.required('binary-url'), parameters.required('source-url')];
      const ofUpdates = parameters.boolean('update');
      const key = parameters.text('gpgkey-path', '');
      printUuid(
        context,
        'Repository',
        await api.call('Repository', 'introduce', name, description, binaries, sources, ofUpdates, key),
      );
    },
  },
  {
    name: 'repository-introduce-bundle',
    required: ['name-label'],
    optional: ['name-description'],
    description: 'Makes a repository of updates that are sent as files, and prints a uuid.',
    async run(context) {
      const { api, parameters } = context;
      const name = parameters.required('name-label');
      const description = parameters.text('name-description', '');
      printUuid(context, 'Repository', await api.call('Repository', 'introduce_bundle', name, description));
    },
  },
  {
    name: 'repository-introduce-remote-pool',
    required: ['name-label', 'binary-url', 'certificate-file'],
    optional: ['name-description'],
    description: 'Has the pool take updates from another pool, known by its certificate, and prints a uuid.',
    async run(context) {
      const { api, parameters } = context;
      const name = parameters.required('name-label');
      const description = parameters.text('name-description', '');
      const certificate = (await loadFile(context, parameters.required('certificate-file'))).toString();
      const url = parameters.required('binary-url');
      printUuid(
        context,
        'Repository',
        await api.call('Repository', 'introduce_remote_pool', name, description, url, certificate),
      );
    },
  },
  {
    name: 'repository-forget',
    required: ['uuid'],
    optional: [],
    description: 'Has the pool forget a repository.',
    run: onUuid('Repository', 'forget'),
  },
  {
    name: 'repository-set-gpgkey-path',
    required: ['uuid', 'gpgkey-path'],
    optional: [],
    description: 'Says which key the packages of a repository are signed with.',
    async run(context) {
      const repository = refOf(context, 'Repository', 'uuid');
      await context.api.call('Repository', 'set_gpgkey_path', repository, context.parameters.required('gpgkey-path'));
    },
  },
];
