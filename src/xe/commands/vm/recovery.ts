import type { ApiClient } from '../../api/api-client.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { withDatabase } from '../../generated/database.js';

/** Bringing VMs and appliances of another pool's database into this pool. */
export const recoveryCommands: readonly Command[] = [
  {
    name: 'vm-recover',
    required: ['uuid'],
    optional: ['database:', 'force'],
    description:
      'Brings a VM of the database in database:vdi-uuid into this pool; force=true takes the place of a VM that is there.',
    run: (context) => recover(context, 'VM'),
  },
  {
    name: 'vm-assert-can-be-recovered',
    required: ['uuid'],
    optional: ['database:'],
    description: 'Tells whether this pool has the storage that a VM of the database in database:vdi-uuid needs.',
    run: (context) => assertCanBeRecovered(context, 'VM'),
  },
  {
    name: 'appliance-recover',
    required: ['uuid'],
    optional: ['database:', 'force'],
    description:
      'Brings the VMs of an appliance of the database in database:vdi-uuid into this pool; force=true takes the place of VMs that are there.',
    run: (context) => recover(context, 'VM_appliance'),
  },
  {
    name: 'appliance-assert-can-be-recovered',
    required: ['uuid'],
    optional: ['database:'],
    description: 'Tells whether this pool has the storage that an appliance of the database in database:vdi-uuid needs.',
    run: (context) => assertCanBeRecovered(context, 'VM_appliance'),
  },
];

async function recover(context: CommandContext, className: 'VM' | 'VM_appliance'): Promise<void> {
  const { api, parameters } = context;
  const force = parameters.boolean('force');
  await fromDatabase(context, async (from) => {
    await from.send(`${className}.recover`, from.byUuid(className, parameters.required('uuid')), api.session, force);
  });
}

async function assertCanBeRecovered(context: CommandContext, className: 'VM' | 'VM_appliance'): Promise<void> {
  const { api, parameters } = context;
  await fromDatabase(context, async (from) => {
    await from.send(`${className}.assert_can_be_recovered`, from.byUuid(className, parameters.required('uuid')), api.session);
  });
}

function fromDatabase(context: CommandContext, work: (from: ApiClient) => Promise<void>): Promise<void> {
  if (!context.parameters.map('database').has('vdi-uuid'))
    throw new CommandFailure('Name the disk with the other database: database:vdi-uuid=UUID');
  return withDatabase(context, work);
}
