import { createHash } from 'node:crypto';

function digest(data: Buffer | string): Buffer {
  return createHash('md5').update(data).digest();
}

/**
 * The MAC address that a device of a VM has when nobody gave one: it follows from the VM's seed and the device's number
 * alone, in the way of the original, so that a VM that moves between servers keeps its addresses.
 */
export function macFromSeed(seed: string, device: number): string {
  let hash = digest(seed);
  for (let round = 0; round < 2 * device; round++) hash = digest(hash);
  const further = digest(hash);
  const bytes = [...hash.subarray(0, 4), ...further.subarray(1, 3)];
  // Given out locally, to one card alone.
  bytes[0] = ((bytes[0] ?? 0) | 0x02) & ~0x01;
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
