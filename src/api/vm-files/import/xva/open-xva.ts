import { DESCRIPTION_NAME, type Description, LARGEST_DESCRIPTION, readDescription } from '../../../../wire/xva/description.js';
import { unexpectedFile } from '../../../../wire/xva/file-error.js';
import { assertReadable } from '../../versions.js';
import { FileObjects } from '../file-objects.js';
import type { OpenTar } from '../open-file.js';
import type { VmFile } from '../vm-file.js';
import { fillDisks } from './fill-disks.js';

/** Reads the description of a file of XCP. Throws as `openFile`. */
export async function readXva({ tar, first }: OpenTar): Promise<Description> {
  if (first.name !== DESCRIPTION_NAME) throw unexpectedFile(DESCRIPTION_NAME, first.name);
  const description = readDescription(await tar.content(first, LARGEST_DESCRIPTION));
  assertReadable(description.version);
  return description;
}

/** Opens a file of XCP. Throws as `openFile`. */
export async function openXva(file: OpenTar): Promise<VmFile> {
  const description = await readXva(file);
  const { exportVersion } = description.version;
  return {
    objects: new FileObjects(description),
    cautions: new Map(),
    fill: (work, disks, force) => fillDisks(work, file.tar, disks, { exportVersion, force }),
    close: file.close,
  };
}
