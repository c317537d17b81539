import { unionOf, within } from '../../../host/extents.js';
import type { Extent, VolumeContent } from '../../../host/volume-content.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { chunkedFile } from '../../../wire/disk/chunked.js';
import type { DiskFile } from '../../../wire/disk/disk-file.js';
import { qcow2File } from '../../../wire/disk/qcow2/qcow2-file.js';
import { rawFile } from '../../../wire/disk/raw-file.js';
import { LARGEST_VHD } from '../../../wire/disk/vhd/footer.js';
import { vhdFile } from '../../../wire/disk/vhd/vhd-file.js';
import type { Api } from '../../api.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import type { TaskHandle } from '../../tasks.js';
import { hostForBoth, storageForVdi, volumeAddress } from '../placement.js';
import { fileBytes } from './file-bytes.js';
import { CONTENT_TYPES, type SentFormat } from './formats.js';
import { tarBytes } from './tar-form.js';

/** What work on the content of disks needs of a call. */
export type Work = Pick<Call, 'api' | 'task'>;

/** A disk whose content is to be sent. */
export interface DiskExport {
  readonly vdi: Ref<'VDI'>;
  readonly format: SentFormat;
  /** Only what differs from this disk; for VHDs, which can say so. */
  readonly base?: Ref<'VDI'>;
  /** Raw, as records of the parts that are more than zeros. */
  readonly chunked: boolean;
}

/** What is sent of a disk. */
export interface SentDisk {
  readonly contentType: string;
  readonly fileName: string;
  /** In bytes, where that is known beforehand. */
  readonly length: number | undefined;
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Sends the content of a disk that nobody writes to. Takes the operation `copy` of the disk and its base. Rejects before anything
 * is sent with what stands against that, VDI_NOT_MANAGED, and VDI_TOO_LARGE for a VHD.
 */
export async function exportDisk(work: Work, wanted: DiskExport, send: (disk: SentDisk) => Promise<void>): Promise<void> {
  const { api, task } = work;
  const { vdi, base, format } = wanted;
  const targets = [vdi, ...(base === undefined || base === vdi ? [] : [base])].map((ref) => target('VDI', ref, 'copy'));
  await api.operations.run(
    task,
    targets,
    async () => {
      const fields = api.db.get('VDI', vdi);
      if (!fields.managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
      const content = await storageForVdi(api, vdi).open(volumeAddress(api, vdi), 'read');
      try {
        if (format === 'vhd' && content.size > LARGEST_VHD) throw new ApiError('VDI_TOO_LARGE', vdi, String(LARGEST_VHD));
        task.cancellable(true);
        const { length, bytes } = await fileOf(work, wanted, fields, content);
        const fileName = `${fields.uuid}.${format}`;
        await send({ contentType: CONTENT_TYPES[format], fileName, length, bytes });
      } finally {
        await content.close();
      }
    },
    'quick',
  );
}

async function fileOf(
  { api, task }: Work,
  { vdi, format, base, chunked }: DiskExport,
  { uuid }: Fields<'VDI'>,
  content: VolumeContent,
): Promise<Pick<SentDisk, 'length' | 'bytes'>> {
  if (format === 'tar') return { length: undefined, bytes: tarBytes(content, task) };
  const { size } = content;
  const extents = base === undefined ? await content.extents() : await differences(api, vdi, base);
  const time = new Date();
  const makers: Readonly<Record<Exclude<SentFormat, 'tar'>, () => DiskFile>> = {
    raw: () => (chunked ? chunkedFile({ size, extents }) : rawFile({ size, extents })),
    vhd: () => vhdFile({ size, extents, uuid, time, ...(base !== undefined && { base: api.db.get('VDI', base).uuid }) }),
    qcow2: () => qcow2File({ size, extents }),
  };
  const file = makers[format]();
  return { length: file.length, bytes: watched(fileBytes(file, content), file.length, task) };
}

/** Bytes on their way, of which a task tells; they stop when it is cancelled. */
async function* watched(bytes: AsyncIterable<Buffer>, length: number, task: TaskHandle): AsyncGenerator<Buffer, void, void> {
  let sent = 0;
  for await (const piece of bytes) {
    task.check();
    yield piece;
    sent += piece.length;
    task.progress(sent / length);
  }
}

async function differences(api: Api, vdi: Ref<'VDI'>, base: Ref<'VDI'>): Promise<readonly Extent[]> {
  const host = hostForBoth(api, api.db.get('VDI', vdi).SR, api.db.get('VDI', base).SR);
  if (host !== undefined) return api.hosts.get(host).storage.changes(volumeAddress(api, vdi), volumeAddress(api, base));
  // No host sees both: what neither has anything in is the same.
  const [own, other] = [await held(api, vdi), await held(api, base)];
  return within(unionOf(own.extents, other.extents), 0, own.size);
}

async function held(api: Api, vdi: Ref<'VDI'>): Promise<{ readonly size: number; readonly extents: readonly Extent[] }> {
  const content = await storageForVdi(api, vdi).open(volumeAddress(api, vdi), 'read');
  try {
    return { size: content.size, extents: await content.extents() };
  } finally {
    await content.close();
  }
}
