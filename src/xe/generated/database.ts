import { asRef } from '../../model/ref.js';
import type { ApiClient } from '../api/api-client.js';
import type { CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';

/**
 * Does work with the API that a command line asks for: `database:vdi-uuid=` and `database:filename=` name another database
 * than that of the pool, which the API then opens in a session that ends with the work.
 * Rejects with CommandFailure when both are there, and with the API's error when it does not open the database.
 */
export async function withDatabase(context: CommandContext, work: (api: ApiClient) => Promise<void>): Promise<void> {
  const { api, parameters } = context;
  const database = parameters.map('database');
  const vdi = database.get('vdi-uuid');
  const fileName = database.get('filename');
  if (vdi !== undefined && fileName !== undefined)
    throw new CommandFailure('Only one database can be read: give either database:vdi-uuid or database:filename');
  if (vdi === undefined && fileName === undefined) return work(api);
  const session =
    vdi === undefined
      ? await api.call('session', 'create_from_db_file', fileName ?? '')
      : await api.call('VDI', 'open_database', api.byUuid('VDI', vdi));
  const opened = api.withSession(asRef(session));
  try {
    await work(opened);
  } finally {
    await opened.call('session', 'logout');
  }
}
