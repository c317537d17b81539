import { describe, expect, it } from 'vitest';
import { HostMemory, type MemoryUse, memoryOverhead, systemMemory } from './memory.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const spec = (uuid: string, size: number) => ({
  uuid,
  vcpus: { max: 1, online: 1, params: new Map() },
  memory: { staticMax: size, dynamicMax: size, dynamicMin: size, target: size },
});

describe('memory of a host', () => {
  it('keeps a part for the system, within bounds', () => {
    expect(systemMemory(GIB)).toBe(256 * MIB);
    expect(systemMemory(32 * GIB)).toBe(GIB);
    expect(systemMemory(1024 * GIB)).toBe(2 * GIB);
  });

  it('is what no domain has', () => {
    const domains: MemoryUse[] = [];
    const memory = new HostMemory(16 * GIB, () => domains);
    expect(memory.free()).toBe(16 * GIB - 512 * MIB);
    domains.push({ uuid: 'a', memory: GIB, maxMemory: 2 * GIB, vcpus: 2 });
    expect(memory.free()).toBe(16 * GIB - 512 * MIB - GIB - memoryOverhead(2, 2 * GIB));
    domains.push({ uuid: 'b', memory: 64 * GIB, maxMemory: 64 * GIB, vcpus: 2 });
    expect(memory.free()).toBe(0);
  });

  it('counts a domain once, while it starts and when it lives', () => {
    const domains: MemoryUse[] = [];
    const memory = new HostMemory(16 * GIB, () => domains);
    const before = memory.free();
    const giveBack = memory.reserve(spec('a', GIB), GIB);
    const reserved = memory.free();
    expect(reserved).toBe(before - GIB - memoryOverhead(1, GIB));
    domains.push({ uuid: 'a', memory: GIB, maxMemory: GIB, vcpus: 1 });
    expect(memory.free()).toBe(reserved);
    giveBack();
    expect(memory.free()).toBe(reserved);
    domains.length = 0;
    expect(memory.free()).toBe(before);
  });

  it('is refused where there is not enough, with what is needed and what there is', () => {
    const memory = new HostMemory(2 * GIB, () => []);
    const available = memory.free();
    const needed = 2 * GIB + memoryOverhead(1, 2 * GIB);
    expect(() => memory.reserve(spec('a', 2 * GIB), 2 * GIB)).toThrow(
      expect.objectContaining({ code: 'HOST_NOT_ENOUGH_FREE_MEMORY', params: [String(needed), String(available)] }),
    );
    expect(memory.free()).toBe(available);
  });
});
