import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { ApiError } from '../../../../model/error.js';
import type { VolumeAddress } from '../../../storage.js';
import type { VolumeSource, VolumeSources } from '../../volume-source.js';

/** Raw files in a directory that hosts share, as volumes of one SR. */
export class RawVolumes implements VolumeSources {
  readonly sr = newUuid();
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes a volume; size in bytes. */
  async make(size: number): Promise<VolumeAddress> {
    const location = newUuid();
    const file = await open(this.path(location), 'wx');
    await file.truncate(size);
    await file.close();
    return { sr: this.sr, location };
  }

  async source({ sr, location }: VolumeAddress): Promise<VolumeSource> {
    if (sr !== this.sr) throw new ApiError('SR_NOT_ATTACHED', sr);
    const path = this.path(location);
    const { size } = await stat(path).catch(() => {
      throw new ApiError('VDI_MISSING', sr, location);
    });
    return { path, kind: 'file', format: 'raw', readOnly: false, virtualSize: size };
  }

  async memoryImage(volume: VolumeAddress): Promise<string> {
    return (await this.source(volume)).path;
  }

  locate(path: string): VolumeAddress | undefined {
    const [, location] = /\/([0-9a-f-]{36})\.raw$/.exec(path) ?? [];
    return location === undefined ? undefined : { sr: this.sr, location };
  }

  cover(): undefined {
    return undefined;
  }

  /** Where the file of a volume is. */
  path(location: string): string {
    return join(this.directory, `${location}.raw`);
  }
}
