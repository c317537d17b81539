import { ApiError } from '../../model/error.js';
import type { DomainSpec } from '../compute.js';

const MIB = 2 ** 20;
/** What QEMU takes for itself, whatever the size of the guest: code, heap, its devices' buffers. */
const BASE = 48 * MIB;
/** Page tables and dirty bitmaps: bytes of guest memory for which one byte is needed. */
const SHARE = 128;
/** Part of a host's memory that its own system keeps, with bounds in bytes: a kernel, libvirt, this daemon, some cache. */
const SYSTEM = { part: 1 / 32, least: 256 * MIB, most: 2048 * MIB };

/** Memory that a living domain has. Sizes in bytes. */
export interface MemoryUse {
  readonly uuid: string;
  readonly memory: number;
  readonly maxMemory: number;
  readonly vcpus: number;
}

/** Bytes that a host keeps for its own system, of all that it has. */
export function systemMemory(total: number): number {
  return Math.round(Math.min(SYSTEM.most, Math.max(SYSTEM.least, total * SYSTEM.part)) / MIB) * MIB;
}

/** Bytes that QEMU needs for a domain beside the guest's memory. */
export function memoryOverhead(vcpus: number, maxMemory: number): number {
  return BASE + vcpus * MIB + Math.ceil(maxMemory / SHARE / MIB) * MIB;
}

/**
 * The memory of a host, shared out by what domains were given, not by what the kernel happens to have left: pages that guests
 * have not touched yet are spoken for all the same.
 */
export class HostMemory {
  private readonly domains: () => Iterable<MemoryUse>;
  /** Bytes for domains that are being started, by uuid. */
  private readonly reserved = new Map<string, number>();
  /** Bytes of the whole host, and those that its own system keeps. */
  readonly total: number;
  readonly system: number;

  /** Total: bytes of the host. Domains: those that live. */
  constructor(total: number, domains: () => Iterable<MemoryUse>) {
    this.total = total;
    this.system = systemMemory(total);
    this.domains = domains;
  }

  /** Bytes that no domain uses. */
  free(): number {
    let free = this.total - this.system;
    const living = new Set<string>();
    for (const { uuid, memory, maxMemory, vcpus } of this.domains()) {
      living.add(uuid);
      free -= memory + memoryOverhead(vcpus, maxMemory);
    }
    for (const [uuid, bytes] of this.reserved) if (!living.has(uuid)) free -= bytes;
    return Math.max(0, free);
  }

  /**
   * Keeps memory for a domain that comes to life; the function gives it back, once the domain counts itself or has failed.
   * Memory: bytes that the guest needs at least. Throws HOST_NOT_ENOUGH_FREE_MEMORY [needed, available].
   */
  reserve(spec: Pick<DomainSpec, 'uuid' | 'vcpus' | 'memory'>, memory: number): () => void {
    const needed = memory + memoryOverhead(spec.vcpus.max, spec.memory.staticMax);
    const available = this.free();
    if (needed > available) throw new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(needed), String(available));
    this.reserved.set(spec.uuid, needed);
    return () => this.reserved.delete(spec.uuid);
  }
}
