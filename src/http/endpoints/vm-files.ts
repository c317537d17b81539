import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Api } from '../../api/api.js';
import { assertCanCompress, type Compression, compressed } from '../../api/vm-files/compression.js';
import { exportVm } from '../../api/vm-files/export/export.js';
import { exportMetadata, ownVms } from '../../api/vm-files/export/export-metadata.js';
import type { DeviceKind } from '../../api/vm-files/export/gather.js';
import { importVms } from '../../api/vm-files/import/import.js';
import { importMetadata } from '../../api/vm-files/import/import-metadata.js';
import { importSr } from '../../api/vm-files/import/import-sr.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { parseType } from '../../model/type-syntax.js';
import { taskResultXml } from '../../wire/protocol.js';
import type { EndpointHandler, EndpointRequest } from '../endpoint.js';
import { HttpError } from '../error-page.js';
import { sendBytes } from './send-bytes.js';
import { refusedAs, withTask } from './task-work.js';
import { assertHasEnd, isProbe, takeUpload } from './upload-start.js';

type VmFileEndpoint = 'get_export' | 'put_import' | 'get_export_metadata' | 'put_import_metadata';

const VM_SET = parseType('set(ref VM)');

const FILE_HEADERS = {
  'Content-Type': 'application/octet-stream',
  'Content-Disposition': 'attachment; filename="export.xva"',
  'Cache-Control': 'no-cache, no-store',
} as const;

/** `GET /export`, `PUT /import` and their forms without disks: VMs as files. */
export function vmFileEndpoints(api: Api): Record<VmFileEndpoint, EndpointHandler> {
  return {
    get_export: (request, res) => sendVm(api, request, res),
    get_export_metadata: (request, res) => sendMetadata(api, request, res),
    put_import: (request, res) => takeVms(api, request, res),
    put_import_metadata: (request, res) => takeMetadata(api, request, res),
  };
}

async function sendVm(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const vm = vmOf(api, request.query);
  const kind = compressionIn(request.query);
  const preservePowerState = request.parameter('preserve_power_state') === 'true';
  await withTask(request, res, 'Export of VM', async ({ work: task }) => {
    await assertCanCompress(kind);
    await exportVm({ api, task }, vm, { preservePowerState }, async (content) => {
      res.writeHead(200, FILE_HEADERS);
      await sendBytes(compressed(kind, content), res, task.signal);
    });
  });
}

async function sendMetadata(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  const { query } = request;
  const vms = query.get('all') === 'true' ? ownVms(api, query.get('include_dom0') !== 'false') : [vmOf(api, query)];
  const options = {
    snapshots: query.get('export_snapshots') !== 'false',
    parents: query.get('include_vhd_parents') === 'true',
    without: excludedDevices(query.get('excluded_device_types') ?? ''),
  };
  await withTask(request, res, 'Export of what is known of VMs', async ({ work: task }) => {
    const file = await exportMetadata({ api, task }, vms, options);
    const length = file.reduce((sum, piece) => sum + piece.length, 0);
    res.writeHead(200, { ...FILE_HEADERS, 'Content-Length': String(length) });
    await pipeline(file, res);
  });
}

async function takeVms(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  if (isProbe(request)) return answerProbe(res);
  assertHasEnd(request, new ApiError('IMPORT_ERROR_CANNOT_HANDLE_CHUNKED'));
  const [ref, uuid] = [request.parameter('sr_id'), request.parameter('sr_uuid')];
  const sr = refusedAs(400, () => importSr(api, { ...(ref && { ref }), ...(uuid && { uuid }) }));
  await withTask(request, res, 'Import of VMs', ({ work: task }, succeed) =>
    takeUpload(request, res, task, async (body) => {
      const vms = await importVms({ api, task }, body, sr, importOptions(request.query));
      await succeed(taskResultXml(VM_SET, vms));
    }),
  );
}

async function takeMetadata(api: Api, request: EndpointRequest, res: ServerResponse): Promise<void> {
  if (isProbe(request)) return answerProbe(res);
  assertHasEnd(request, new ApiError('IMPORT_ERROR_CANNOT_HANDLE_CHUNKED'));
  const { query } = request;
  const disks = new Map([...query].flatMap(([key, value]) => (key.startsWith('vdi:') ? [[key.slice(4), value] as const] : [])));
  const options = { ...importOptions(query), dryRun: query.get('dry_run') === 'true', disks };
  await withTask(request, res, 'Import of what is known of VMs', ({ work: task }, succeed) =>
    takeUpload(request, res, task, async (body) => {
      await succeed(taskResultXml(VM_SET, await importMetadata({ api, task }, body, options)));
    }),
  );
}

function answerProbe(res: ServerResponse): void {
  res.writeHead(200, { 'Content-Length': '0' });
  res.end();
}

function vmOf({ db }: Api, query: URLSearchParams): Ref<'VM'> {
  const id = query.get('ref') || query.get('uuid');
  if (!id) throw new HttpError(400, 'one of the parameters ref and uuid must name a VM');
  const ref = db.table('VM').refsByUuid.get(id) ?? id;
  db.record('VM', ref);
  return ref as Ref<'VM'>;
}

function compressionIn(query: URLSearchParams): Compression {
  const wanted = query.get('use_compression');
  if (wanted === 'true' || wanted === 'gzip') return 'gzip';
  return wanted === 'zstd' ? 'zstd' : 'none';
}

const DEVICE_KINDS: readonly DeviceKind[] = ['vbd', 'vif', 'vgpu', 'vtpm'];

function excludedDevices(text: string): ReadonlySet<DeviceKind> {
  const words = text.toLowerCase().split(',').filter(Boolean);
  const unknown = words.find((word) => !DEVICE_KINDS.some((kind) => kind === word));
  if (unknown !== undefined) throw new HttpError(400, `devices that can be left out are ${DEVICE_KINDS.join(', ')}`);
  return new Set(DEVICE_KINDS.filter((kind) => words.includes(kind)));
}

function importOptions(query: URLSearchParams): { readonly restore: boolean; readonly force: boolean } {
  return { restore: query.get('restore') === 'true', force: query.get('force') === 'true' };
}
