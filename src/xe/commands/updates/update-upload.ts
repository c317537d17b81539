import { asRef, type Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { upload } from '../../tasks/transfer.js';
import { defaultSr } from '../default-sr.js';
import { refOf } from '../support.js';
import { nameUpdateDisk } from './update-disk.js';

/** The reference in the result of an import, which is a value in XML. */
const REFERENCE = /OpaqueRef:[\w-]+/;

/** How an update comes into the pool: its file becomes a disk, which is then looked at. */
export const updateUploadCommands: readonly Command[] = [
  {
    name: 'update-upload',
    required: ['file-name'],
    optional: ['sr-uuid'],
    description: 'Sends an update from a file to the pool, onto a disk in an SR or in the default one, and prints its uuid.',
    async run(context) {
      const { api, client, parameters } = context;
      const result = await upload(context, {
        label: 'Upload of an update',
        fileName: parameters.required('file-name'),
        path: '/import_raw_vdi',
        query: { sr_id: storage(context) },
      });
      const update = await introduce(context, diskOf(result));
      await nameUpdateDisk(context, update);
      client.print(api.uuid('pool_update', update));
    },
  },
];

function storage(context: CommandContext): Ref<'SR'> {
  const { api, parameters } = context;
  if (parameters.has('sr-uuid')) return refOf(context, 'SR', 'sr-uuid');
  const sr = defaultSr(api);
  if (sr === undefined) throw new CommandFailure('The pool has no default SR. Name one with sr-uuid=');
  return sr;
}

function diskOf(result: string): Ref<'VDI'> {
  const [vdi] = REFERENCE.exec(result) ?? [];
  if (vdi === undefined) throw new CommandFailure('The file was sent, and no disk was made of it');
  return asRef<'VDI'>(vdi);
}

/** A disk that holds no update is of no use to anybody. */
async function introduce({ api }: CommandContext, vdi: Ref<'VDI'>): Promise<Ref<'pool_update'>> {
  try {
    return await api.call('pool_update', 'introduce', vdi);
  } catch (thrown) {
    await api.send('VDI.destroy', vdi);
    throw thrown;
  }
}
