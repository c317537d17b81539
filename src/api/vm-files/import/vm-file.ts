import type { Ref } from '../../../model/ref.js';
import type { Work } from '../export/export.js';
import type { FileObjects } from './file-objects.js';

/** A disk whose content is in the file. */
export interface StreamedDisk {
  /** Of its object in the file. */
  readonly id: string;
  readonly vdi: Ref<'VDI'>;
  /** In bytes, as the file says. */
  readonly size: number;
  /** Sees its first piece. */
  readonly onStart?: (data: Buffer) => void;
}

/** A file of VMs that is open, of whatever format: its objects are known, and the content of its disks comes next. */
export interface VmFile {
  readonly objects: FileObjects;
  /** What people have to know of a VM of the file before it is started, by its id. */
  readonly cautions: ReadonlyMap<string, string>;
  /**
   * Writes the content of disks to VDIs that hold zeros. `force` passes over checksums that do not fit. Throws the IMPORT_ERROR family,
   * and as storage does.
   */
  fill(work: Work, disks: readonly StreamedDisk[], force: boolean): Promise<void>;
  /** Ends what reads it. */
  close(): Promise<void>;
}
