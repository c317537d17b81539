import { LARGEST_ENVELOPE, readEnvelope } from '../../../../wire/ovf/envelope.js';
import type { TarEntry } from '../../../../wire/xva/tar-reader.js';
import type { Api } from '../../../api.js';
import { FileObjects } from '../file-objects.js';
import type { OpenTar } from '../open-file.js';
import type { VmFile } from '../vm-file.js';
import { FileChecks } from './file-checks.js';
import { type FiledDisk, fillDisks } from './fill-disks.js';
import { diskObject, objectsOf } from './objects.js';

/** Whether a file is the description of an appliance. */
export function isEnvelope({ name }: TarEntry): boolean {
  return /\.ovf$/i.test(name);
}

/** Opens an appliance in OVF, as VMware and VirtualBox export VMs. Throws as `openFile`. */
export async function openOva(api: Api, { tar, first, close }: OpenTar): Promise<VmFile> {
  const document = await tar.content(first, LARGEST_ENVELOPE);
  const envelope = readEnvelope(document);
  const { objects, cautions } = objectsOf(api, envelope);
  return {
    objects: new FileObjects({ objects }),
    cautions,
    async fill(work, disks, force) {
      const checks = new FileChecks(force);
      for await (const _ of checks.passing(first.name, [document]));
      const byId = new Map([...envelope.disks.values()].map((disk) => [diskObject(disk), disk]));
      const filed = disks.flatMap((streamed): FiledDisk[] => {
        const described = byId.get(streamed.id);
        return described?.file === undefined ? [] : [{ described, streamed }];
      });
      await fillDisks(work, tar, filed, checks);
    },
    close,
  };
}
