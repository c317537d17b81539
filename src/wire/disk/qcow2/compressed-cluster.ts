import { inflateRawSync } from 'node:zlib';
import { badFile } from '../../xva/file-error.js';

/** The bytes of a compressed cluster; behind it in `bytes` may be something else. Throws IMPORT_ERROR for what is damaged. */
export function inflateCluster(bytes: Buffer, clusterSize: number): Buffer {
  const cluster = inflated(bytes, clusterSize);
  if (cluster?.length !== clusterSize) throw badFile('a compressed cluster of the qcow2 image is damaged');
  return cluster;
}

function inflated(bytes: Buffer, clusterSize: number): Buffer | undefined {
  try {
    return inflateRawSync(bytes, { maxOutputLength: clusterSize });
  } catch {
    return undefined;
  }
}
