import type { DomainSpec } from '../../compute.js';

const MIB = 2 ** 20;
/** What the device model takes, whatever the size. */
const BASE = 9 * MIB;
/** Page tables: bytes of guest memory for which one byte is needed. */
const SHARE = 128;

/** Bytes that a host needs for a domain beside the guest's memory. */
export function memoryOverhead({ vcpus, memory }: DomainSpec): number {
  return BASE + vcpus.max * MIB + Math.ceil(memory.staticMax / SHARE / MIB) * MIB;
}
