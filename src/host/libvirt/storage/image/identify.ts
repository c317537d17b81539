import type { FileHandle } from 'node:fs/promises';
import { type ImageFacts, wholeSectors } from './image-facts.js';
import { parseQcow2, QCOW2_HEADER } from './qcow2-header.js';
import { isVdi, parseVdi, VDI_HEADER } from './vdi-header.js';
import { parseVhd, VHD_FOOTER } from './vhd-footer.js';
import { isWholeVmdk, parseVmdk, VMDK_HEADER } from './vmdk-header.js';

const HEAD = Math.max(QCOW2_HEADER, VDI_HEADER, VHD_FOOTER, VMDK_HEADER);

/** Bytes of a file, fewer where it ends. */
export async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Reads the headers of a qcow2 image; undefined for what is none, is encrypted, or keeps its data elsewhere. */
export async function identifyQcow2(file: FileHandle, head?: Buffer): Promise<ImageFacts | undefined> {
  const header = parseQcow2(head ?? (await readAt(file, 0, QCOW2_HEADER)));
  if (header === undefined || header.encrypted || header.externalData) return undefined;
  const { virtualSize, backing } = header;
  if (backing === undefined) return { format: 'qcow2', virtualSize };
  return { format: 'qcow2', virtualSize, backing: (await readAt(file, backing.offset, backing.length)).toString() };
}

/**
 * Tells by its content what kind of disk a file is: an image of a known format, else plain bytes. Undefined for images that
 * cannot be used as disks: encrypted ones, parts of others, damaged ones.
 */
export async function identifyImage(file: FileHandle, size: number): Promise<ImageFacts | undefined> {
  const head = await readAt(file, 0, HEAD);
  const start = head.toString('latin1', 0, 4);
  if (start === 'QFI\xfb') return identifyQcow2(file, head);
  if (start === 'KDMV') return identifyVmdk(file, head);
  if (isVdi(head)) return asFacts('vdi', parseVdi(head));
  const footer = size >= VHD_FOOTER ? await readAt(file, size - VHD_FOOTER, VHD_FOOTER) : head;
  for (const part of [head, footer]) if (part.toString('latin1', 0, 8) === 'conectix') return asFacts('vpc', parseVhd(part));
  if (
    start === 'COWD' ||
    head.toString('latin1', 0, 8) === 'vhdxfile' ||
    head.toString('latin1', 0, 21) === '# Disk DescriptorFile'
  ) {
    return undefined;
  }
  return { format: 'raw', virtualSize: wholeSectors(size) };
}

function asFacts(format: ImageFacts['format'], virtualSize: number | undefined): ImageFacts | undefined {
  return virtualSize === undefined ? undefined : { format, virtualSize };
}

async function identifyVmdk(file: FileHandle, head: Buffer): Promise<ImageFacts | undefined> {
  const header = parseVmdk(head);
  if (header === undefined) return undefined;
  const { offset, length } = header.descriptor;
  const descriptor = (await readAt(file, offset, length)).toString('latin1');
  return isWholeVmdk(descriptor) ? { format: 'vmdk', virtualSize: header.virtualSize } : undefined;
}
