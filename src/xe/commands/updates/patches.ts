import { asRef } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { upload } from '../../tasks/transfer.js';
import { onUuid, poolOf, refOf } from '../support.js';
import { nameUpdateDisk } from './update-disk.js';

/** Hotfixes in their old form. */
export const patchCommands: readonly Command[] = [
  {
    name: 'patch-upload',
    required: ['file-name'],
    optional: [],
    description: 'Sends a hotfix from a file to the pool and prints its uuid.',
    async run(context) {
      const { api, client, parameters } = context;
      const result = await upload(context, {
        label: 'Upload of a hotfix',
        fileName: parameters.required('file-name'),
        path: '/pool_patch_upload',
        query: { sr_id: api.get('pool', poolOf(api), 'default_SR') },
      });
      const patch = asRef<'pool_patch'>(result);
      await nameUpdateDisk(context, api.get('pool_patch', patch, 'pool_update'));
      client.print(api.uuid('pool_patch', patch));
    },
  },
  {
    name: 'patch-precheck',
    required: ['uuid', 'host-uuid'],
    optional: [],
    description: 'Tells whether a hotfix can be applied to a host.',
    run: (context) => onHost(context, 'precheck'),
  },
  {
    name: 'patch-apply',
    required: ['uuid', 'host-uuid'],
    optional: [],
    description: 'Applies a hotfix to a host and prints what it has to say.',
    run: (context) => onHost(context, 'apply'),
  },
  {
    name: 'patch-pool-apply',
    required: ['uuid'],
    optional: [],
    description: 'Applies a hotfix to all hosts.',
    run: onUuid('pool_patch', 'pool_apply'),
  },
  {
    name: 'patch-clean',
    required: ['uuid'],
    optional: [],
    description: 'Deletes the file of a hotfix from the coordinator.',
    run: onUuid('pool_patch', 'clean'),
  },
  {
    name: 'patch-pool-clean',
    required: ['uuid'],
    optional: [],
    description: 'Deletes the file of a hotfix from all hosts.',
    run: onUuid('pool_patch', 'pool_clean'),
  },
  {
    name: 'patch-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a hotfix that was applied nowhere.',
    run: onUuid('pool_patch', 'destroy'),
  },
];

async function onHost(context: CommandContext, message: 'precheck' | 'apply'): Promise<void> {
  const patch = refOf(context, 'pool_patch', 'uuid');
  const host = refOf(context, 'host', 'host-uuid');
  context.printer.lines(await context.api.call('pool_patch', message, patch, host));
}
