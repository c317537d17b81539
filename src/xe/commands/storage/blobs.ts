import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { download, upload } from '../../tasks/transfer.js';
import { printUuid, refOf } from '../support.js';

/** Classes whose objects may have blobs, by the parameter that names one; the first that is there counts. */
const OWNERS = [
  ['vm-uuid', 'VM'],
  ['pool-uuid', 'pool'],
  ['sr-uuid', 'SR'],
  ['host-uuid', 'host'],
  ['network-uuid', 'network'],
] as const;

/** Files that clients keep with objects. */
export const blobCommands: readonly Command[] = [
  {
    name: 'blob-create',
    required: ['name'],
    optional: ['mime-type', 'vm-uuid', 'host-uuid', 'sr-uuid', 'network-uuid', 'pool-uuid', 'public'],
    flags: ['hidden'],
    description: 'Makes an empty blob that belongs to an object, and prints its uuid. With public=true anyone may read it.',
    async run(context) {
      printUuid(context, 'blob', await createBlob(context));
    },
  },
  {
    name: 'blob-get',
    required: ['uuid', 'filename'],
    optional: [],
    flags: ['hidden'],
    description: 'Writes the content of a blob into a new file.',
    async run(context) {
      await download(context, { ...transferOf(context), label: 'Blob get' });
      // Nothing may follow the content where that goes to the client's standard output.
      if (context.parameters.required('filename') !== '') context.client.print('Blob get succeeded');
    },
  },
  {
    name: 'blob-put',
    required: ['uuid', 'filename'],
    optional: [],
    flags: ['hidden'],
    description: 'Fills a blob with the content of a file.',
    async run(context) {
      await upload(context, { ...transferOf(context), label: 'Blob put' });
      context.client.print('Blob put succeeded');
    },
  },
];

async function createBlob(context: CommandContext): Promise<Ref<'blob'>> {
  const { api, parameters } = context;
  const rest = [parameters.required('name'), parameters.text('mime-type', ''), parameters.boolean('public')] as const;
  for (const [parameter, className] of OWNERS) {
    if (!parameters.has(parameter)) continue;
    const owner = refOf(context, className, parameter);
    return (await api.send(`${className}.create_new_blob`, owner, ...rest)) as Ref<'blob'>;
  }
  throw new CommandFailure(`One of ${OWNERS.map(([parameter]) => parameter).join(', ')} is needed`);
}

function transferOf(context: CommandContext) {
  return {
    fileName: context.parameters.required('filename'),
    path: '/blob',
    query: { ref: refOf(context, 'blob', 'uuid') },
  };
}
