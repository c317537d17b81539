import { basename, dirname } from 'node:path';
import { isUuid } from '../../../uuid-text.js';
import type { VolumeSources } from '../../volume-source.js';
import { isFileName } from '../directory/found-images.js';
import { isUsablePath } from './location.js';

/**
 * The SR that would show a file as a volume: a library for CD images, else disks in its directory. Undefined for devices, and in
 * directories that no SR may have.
 */
export function coveringSr(path: string): ReturnType<VolumeSources['cover']> {
  const [directory, location] = [dirname(path), basename(path)];
  // What lies in the directory of one of our own SRs belongs to that one alone.
  if (path.endsWith('/') || !isUsablePath(directory) || !isFileName(location) || isUuid(basename(directory))) return undefined;
  if (!location.toLowerCase().endsWith('.iso'))
    return { type: 'file', deviceConfig: new Map([['location', directory]]), location };
  const deviceConfig = new Map([
    ['location', directory],
    ['legacy_mode', 'true'],
  ]);
  return { type: 'iso', deviceConfig, location };
}
