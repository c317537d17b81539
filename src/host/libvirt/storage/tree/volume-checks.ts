import { ApiError } from '../../../../model/error.js';
import { SECTOR } from '../image/image-facts.js';
import type { Node } from './medium.js';
import type { VolumeRecord } from './records.js';
import type { TreeParts } from './tree-parts.js';

/**
 * Largest disk in bytes: far above real ones; the first table of an image of it, which is in memory while it is open, has a
 * megabyte.
 */
const MAX_VOLUME = 64 * 2 ** 40 - SECTOR;

/** Throws INVALID_VALUE, VDI_TOO_LARGE. */
export function checkSize(uuid: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new ApiError('INVALID_VALUE', 'virtual_size', String(size));
  if (size > MAX_VOLUME) throw new ApiError('VDI_TOO_LARGE', uuid, String(MAX_VOLUME));
}

/** Rejects with SR_FULL where so many more bytes are wanted and there is no space at all. */
export async function needSpace({ medium }: TreeParts, more: number): Promise<void> {
  const { physicalSize, physicalUtilisation } = await medium.space();
  if (more > 0 && physicalSize <= physicalUtilisation) throw new ApiError('SR_FULL', String(more), '0');
}

/** Throws SR_OPERATION_NOT_SUPPORTED for what is somebody else's for good. */
export function needOurs({ uuid }: TreeParts, { foreign }: Node): void {
  if (foreign === true) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', uuid);
}

/** Throws VDI_READONLY. */
export function needWritable({ uuid, readOnly }: VolumeRecord): void {
  if (readOnly) throw new ApiError('VDI_READONLY', uuid);
}

/** Throws VDI_IN_USE where a stream, a copy or a domain writes to a volume. */
export function needIdle({ written, userOf }: TreeParts, record: VolumeRecord, operation: string): void {
  if (written.has(record.node) || userOf(record.node) !== undefined) throw inUse(record, operation);
}

/** Throws VDI_IN_USE where a stream or a copy writes to a volume. */
export function needUnwritten({ written }: TreeParts, record: VolumeRecord, node: Node, operation: string): void {
  if (written.has(node.name)) throw inUse(record, operation);
}

/** That a volume is in use. */
export function inUse({ uuid }: VolumeRecord, operation: string): ApiError {
  return new ApiError('VDI_IN_USE', uuid, operation);
}
