import type { Ref } from '../../../model/ref.js';
import { asRef } from '../../../model/ref.js';
import { WireSyntaxError } from '../../../wire/syntax-error.js';
import { parseXmlRpcCall } from '../../../wire/xmlrpc/parse.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { upload } from '../../tasks/transfer.js';
import { defaultSr } from '../default-sr.js';
import { refOf } from '../support.js';

/** Kinds of files that the pool reads itself; others are converted elsewhere. */
const OWN_TYPES: ReadonlySet<string> = new Set(['default', 'XenServer']);

/** A file of one appliance that is the description of several: what it describes is beside it. */
const DESCRIPTION_FILE = 'ova.xml';

/** VMs out of files. */
export const importCommands: readonly Command[] = [
  {
    name: 'vm-import',
    required: [],
    optional: [
      'filename',
      'preserve',
      'sr-uuid',
      'force',
      'host-username',
      'host-password',
      'type',
      'remote-config',
      'dry-run',
      'metadata',
      'url',
      'vdi:',
    ],
    undeclared: ['task-uuid'],
    flags: ['standard'],
    description:
      'Imports VMs from a file of yours, or with url from where the server fetches them, and prints their uuids. preserve=true brings back the very VM that was exported, metadata=true reads a file without disks, dry-run=true only tries.',
    run: importVms,
  },
];

async function importVms(context: CommandContext): Promise<void> {
  const { parameters } = context;
  const metadata = parameters.boolean('metadata');
  if (parameters.boolean('dry-run') && !metadata) throw new CommandFailure('dry-run is only there for metadata=true');
  const sr = srOf(context);
  const type = parameters.text('type', 'default');
  if (!OWN_TYPES.has(type)) return convert(context, type, sr);
  if (!parameters.has('url')) return printVms(context, await fromFile(context, sr, metadata));
  if (parameters.has('filename')) throw new CommandFailure('Give either filename or url, not both');
  const { api } = context;
  const [restore, force] = [parameters.boolean('preserve'), parameters.boolean('force')];
  return printVms(context, await api.call('VM', 'import', parameters.required('url'), sr, restore, force));
}

function srOf(context: CommandContext): Ref<'SR'> {
  const sr = context.parameters.has('sr-uuid') ? refOf(context, 'SR', 'sr-uuid') : defaultSr(context.api);
  if (sr === undefined) throw new CommandFailure('The pool has no default SR: name one with sr-uuid');
  return sr;
}

async function convert({ api, parameters }: CommandContext, type: string, sr: Ref<'SR'>): Promise<void> {
  const [user, password] = [parameters.required('host-username'), parameters.required('host-password')];
  await api.call('VM', 'import_convert', type, user, password, sr, parameters.map('remote-config'));
}

async function fromFile(context: CommandContext, sr: Ref<'SR'>, metadata: boolean): Promise<readonly Ref<'VM'>[]> {
  const { parameters } = context;
  const taskUuid = parameters.find('task-uuid');
  const placed = [...parameters.map('vdi')].map(([vdi, place]) => [`vdi:${vdi}`, place]);
  const result = await upload(context, {
    label: 'Import of VM',
    fileName: withoutDescription(parameters.required('filename')),
    path: metadata ? '/import_metadata' : '/import',
    query: {
      restore: String(parameters.boolean('preserve')),
      force: String(parameters.boolean('force')),
      dry_run: String(parameters.boolean('dry-run')),
      sr_id: sr,
      ...Object.fromEntries(placed),
    },
    ...(taskUuid !== undefined && { taskUuid }),
  });
  return importedVms(result);
}

function withoutDescription(fileName: string): string {
  return fileName.endsWith(DESCRIPTION_FILE) ? fileName.slice(0, -DESCRIPTION_FILE.length) : fileName;
}

/** The VMs in the result of an import's task: an array in XML-RPC. Throws CommandFailure for anything else. */
export function importedVms(result: string): readonly Ref<'VM'>[] {
  const refs = valueIn(result);
  if (!Array.isArray(refs)) throw new CommandFailure('The server did not say which VMs it imported');
  return refs.map((ref) => asRef(String(ref)));
}

function valueIn(result: string): unknown {
  const call = `<methodCall><methodName>result</methodName><params><param>${result}</param></params></methodCall>`;
  try {
    return parseXmlRpcCall(Buffer.from(call)).params[0];
  } catch (thrown) {
    if (thrown instanceof WireSyntaxError) return undefined;
    throw thrown;
  }
}

function printVms({ api, client }: CommandContext, vms: readonly Ref<'VM'>[]): void {
  client.print(vms.map((vm) => api.uuid('VM', vm)).join(','));
}
