import type { ServerResponse } from 'node:http';
import type { Api } from '../../api/api.js';
import type { DiskForm } from '../../api/storage/raw-disk/disk-stream.js';
import { type DiskExport, exportDisk } from '../../api/storage/raw-disk/export-disk.js';
import { sentFormat, takenFormat } from '../../api/storage/raw-disk/formats.js';
import { assertImportable, type ImportInto, importDisk } from '../../api/storage/raw-disk/import-disk.js';
import { importSr } from '../../api/vm-files/import/import-sr.js';
import type { Ref } from '../../model/ref.js';
import { parseType } from '../../model/type-syntax.js';
import { taskResultXml } from '../../wire/protocol.js';
import { declaredLength, endsWithConnection } from '../body.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import { sendBytes } from './send-bytes.js';
import { refusedAs, withTask } from './task-work.js';
import { isProbe, takeUpload } from './upload-start.js';

const VDI_REF = parseType('ref VDI');

/** `GET /export_raw_vdi` and `PUT /import_raw_vdi`: the content of disks. */
export function rawDiskEndpoints(api: Api): Record<'get_export_raw_vdi' | 'put_import_raw_vdi', EndpointHandler> {
  return {
    get_export_raw_vdi: (request, res) => sendDisk(api, request, res),
    put_import_raw_vdi: (request, res) => takeDisk(api, request, res),
  };
}

async function sendDisk(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const vdi = vdiIn(api, request, 'vdi');
  if (vdi === undefined) throw new HttpError(400, 'the parameter vdi must name a disk');
  const format = formatIn(request, sentFormat);
  const base = vdiIn(api, request, 'base');
  const chunked = isChunked(request, format);
  if (base !== undefined && format !== 'vhd') throw new HttpError(400, 'only a VHD can hold the differences to another disk');
  const wanted: DiskExport = { vdi, format, chunked, ...(base !== undefined && { base }) };
  await withTask(request, res, 'Export of a disk', ({ work: task }) =>
    exportDisk({ api, task }, wanted, async ({ contentType, fileName, length, bytes }) => {
      res.writeHead(200, {
        'Content-Type': contentType,
        'Content-Disposition': `attachment; filename="${fileName}"`,
        'Cache-Control': 'no-cache, no-store',
        ...(length !== undefined && { 'Content-Length': String(length) }),
      });
      await sendBytes(bytes, res, task.signal);
    }),
  );
}

async function takeDisk(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const { req } = request;
  if (isProbe(request)) {
    res.writeHead(200, { 'Content-Length': '0' });
    res.end();
    return;
  }
  const format = formatIn(request, takenFormat);
  const length = declaredLength(req);
  if (length === undefined && !endsWithConnection(req) && req.headers['transfer-encoding'] === undefined)
    throw new HttpError(411, 'nothing tells where the content of the disk ends');
  const form: DiskForm = { format, chunked: isChunked(request, format), length };
  const into = targetIn(api, request, form);
  await withTask(request, res, 'Import of a disk', async ({ work: task }, succeed) => {
    if ('vdi' in into) assertImportable(api, into.vdi, form);
    await takeUpload(request, res, task, async (body) => {
      await succeed(taskResultXml(VDI_REF, await importDisk({ api, task }, body, into, form)));
    });
  });
}

/** Where an upload goes. A new disk needs a size that the request or the upload says. */
function targetIn(api: Api, request: EndpointRequest, { format, chunked, length }: DiskForm): ImportInto {
  const vdi = vdiIn(api, request, 'vdi');
  if (vdi !== undefined) return { vdi };
  const [ref, uuid] = [request.parameter('sr_id'), request.parameter('sr_uuid')];
  if (!ref && !uuid) throw new HttpError(400, 'the parameter vdi must name a disk, or sr_id or sr_uuid where to make one');
  const sr = refusedAs(400, () => importSr(api, { ...(ref && { ref }), ...(uuid && { uuid }) }));
  const virtualSize = sizeIn(request) ?? (format === 'raw' && !chunked ? length : undefined);
  if (virtualSize === undefined && (format === 'tar' || format === 'raw'))
    throw new HttpError(400, 'the parameter virtual_size must say how large the new disk has to be');
  const name = request.query.get('name_label') ?? 'Imported disk';
  return { sr, name, description: request.query.get('name_description') ?? '', virtualSize };
}

/** The disk that a parameter names by reference or uuid. Throws HANDLE_INVALID for one that is not there. */
function vdiIn({ db }: Api, request: EndpointRequest, name: string): Ref<'VDI'> | undefined {
  const id = request.parameter(name);
  if (!id) return undefined;
  const ref = db.table('VDI').refsByUuid.get(id) ?? id;
  db.record('VDI', ref);
  return ref as Ref<'VDI'>;
}

function formatIn<F extends string>(request: EndpointRequest, known: (name: string) => F | undefined): F {
  const format = known(request.query.get('format') || 'raw');
  if (format === undefined) throw new HttpError(404, 'there is no such format of disks');
  return format;
}

function isChunked(request: EndpointRequest, format: string): boolean {
  const text = request.query.get('chunked');
  return format === 'raw' && text !== null && text !== 'false';
}

function sizeIn(request: EndpointRequest): number | undefined {
  const text = request.query.get('virtual_size');
  if (text === null) return undefined;
  const size = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new HttpError(400, 'the parameter virtual_size must be a number of bytes');
  return size;
}
