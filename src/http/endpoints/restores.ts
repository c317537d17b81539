import type { ServerResponse } from 'node:http';
import { declaredLength, endsWithConnection } from '../body.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import { sendBytes } from './send-bytes.js';
import { withTask } from './task-work.js';
import { isProbe, takeUpload } from './upload-start.js';

/** The state of the gateway, to be given out and taken back. */
export interface RestorableState {
  /** All of it, piece by piece. */
  backUp(): AsyncGenerator<Buffer, void, void>;
  /**
   * Puts the database back to what a dump holds; with `dryRun` it is only seen whether that would go. It counts from the restart
   * that follows by itself. Rejects with RESTORE_INCOMPATIBLE_VERSION, RESTORE_TARGET_MISSING_DEVICE,
   * RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP, COULD_NOT_IMPORT_DATABASE; then nothing has changed.
   */
  restoreDatabase(body: AsyncIterable<Buffer>, dryRun: boolean): Promise<void>;
  /** The same for what `backUp` gave. Rejects with RESTORE_SCRIPT_FAILED, too. */
  restoreHost(body: AsyncIterable<Buffer>, dryRun: boolean): Promise<void>;
}

/** `GET /host_backup`, `PUT /host_restore` and `PUT /pool/xmldbdump`. */
export function restoreEndpoints(
  state: RestorableState,
): Record<'get_host_backup' | 'put_host_restore' | 'put_pool_xml_db_sync', EndpointHandler> {
  return {
    get_host_backup: (request, res) => send(state, request, res),
    put_host_restore: (request, res) =>
      take(request, res, 'Restore of a host', (body, dryRun) => state.restoreHost(body, dryRun)),
    put_pool_xml_db_sync: (request, res) =>
      take(request, res, 'Restore of the database', (body, dryRun) => state.restoreDatabase(body, dryRun)),
  };
}

function send(state: RestorableState, request: EndpointRequest, res: ServerResponse): Promise<void> {
  return withTask(request, res, 'Backup of a host', async ({ work: task }) => {
    res.writeHead(200, {
      'Content-Type': 'application/x-tar',
      'Content-Disposition': 'attachment; filename="host-backup.tar"',
      // Keys and secrets are in it.
      'Cache-Control': 'no-cache, no-store',
      Connection: 'close',
    });
    await sendBytes(state.backUp(), res, task.signal);
  });
}

async function take(
  request: EndpointRequest,
  res: ServerResponse,
  label: string,
  restore: (body: AsyncIterable<Buffer>, dryRun: boolean) => Promise<void>,
): Promise<void> {
  const { req } = request;
  if (isProbe(request)) {
    res.writeHead(200, { 'Content-Length': '0' });
    res.end();
    return;
  }
  if (declaredLength(req) === undefined && !endsWithConnection(req) && req.headers['transfer-encoding'] === undefined)
    throw new HttpError(411, 'nothing tells where the backup ends');
  // Anything but this word is no, as with the original: a restore that is not wanted does less harm than one that is thought done.
  const dryRun = request.query.get('dry_run') === 'true';
  await withTask(request, res, label, ({ work: task }) => takeUpload(request, res, task, (body) => restore(body, dryRun)));
}
