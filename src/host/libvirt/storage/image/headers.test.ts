import { describe, expect, it } from 'vitest';
import { parseQcow2, QCOW2_HEADER } from './qcow2-header.js';
import { isVdi, parseVdi, VDI_HEADER } from './vdi-header.js';
import { parseVhd, VHD_FOOTER } from './vhd-footer.js';
import { isWholeVmdk, parseVmdk, VMDK_HEADER } from './vmdk-header.js';

const GIB = 2n ** 30n;

function qcow2(change: (head: Buffer) => void = () => undefined): Buffer {
  const head = Buffer.alloc(QCOW2_HEADER);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeUInt32BE(16, 20);
  head.writeBigUInt64BE(5n * GIB, 24);
  head.writeUInt32BE(10, 36);
  head.writeBigUInt64BE(0x30000n, 40);
  change(head);
  return head;
}

describe('qcow2', () => {
  it('tells the size, where the tables are, and what lies below', () => {
    expect(parseQcow2(qcow2())).toEqual({
      virtualSize: 5 * 2 ** 30,
      l1: { offset: 0x30000, entries: 10 },
      encrypted: false,
      externalData: false,
    });
    const over = qcow2((head) => {
      head.writeBigUInt64BE(0x1e8n, 8);
      head.writeUInt32BE(11, 16);
    });
    expect(parseQcow2(over)?.backing).toEqual({ offset: 0x1e8, length: 11 });
  });

  it('tells what is encrypted or has its data elsewhere', () => {
    expect(parseQcow2(qcow2((head) => head.writeUInt32BE(2, 32)))?.encrypted).toBe(true);
    expect(parseQcow2(qcow2((head) => head.writeBigUInt64BE(4n, 72)))?.externalData).toBe(true);
  });

  it('is not taken for one when it is damaged', () => {
    const damaged: readonly Buffer[] = [
      qcow2().subarray(0, 50),
      qcow2((head) => head.writeUInt32BE(4, 4)),
      qcow2((head) => head.writeBigUInt64BE(2n ** 63n, 24)),
      qcow2((head) => head.writeUInt32BE(2 ** 31, 36)),
      qcow2((head) => head.writeUInt32BE(5000, 16)),
      Buffer.alloc(0),
    ];
    for (const head of damaged) expect(parseQcow2(head)).toBeUndefined();
  });
});

describe('VHD', () => {
  function vhd(maker: string, type = 3): Buffer {
    const footer = Buffer.alloc(VHD_FOOTER);
    footer.write('conectix', 0, 'latin1');
    footer.write(maker, 28, 'latin1');
    footer.writeBigUInt64BE(10_000_000n, 48);
    footer.writeUInt16BE(300, 56);
    footer.writeUInt8(4, 58);
    footer.writeUInt8(17, 59);
    footer.writeUInt32BE(type, 60);
    return footer;
  }

  it('is as large as its geometry, or as it says, depending on who made it', () => {
    expect(parseVhd(vhd('qemu'))).toBe(300 * 4 * 17 * 512);
    expect(parseVhd(vhd('tap\0'))).toBe(Math.floor(10_000_000 / 512) * 512);
  });

  it('is refused when it hangs on another one', () => {
    expect(parseVhd(vhd('tap\0', 4))).toBeUndefined();
    expect(parseVhd(Buffer.alloc(VHD_FOOTER))).toBeUndefined();
  });
});

describe('VDI', () => {
  const vdi = (link = 0): Buffer => {
    const head = Buffer.alloc(VDI_HEADER);
    head.writeUInt32LE(0xbeda107f, 0x40);
    head.writeUInt32LE(0x00010001, 0x44);
    head.writeUInt32LE(1, 0x4c);
    head.writeBigUInt64LE(3n * GIB, 0x170);
    head.writeUInt8(link, 0x1b0);
    return head;
  };

  it('tells its size, and is refused when it hangs on another one', () => {
    expect(parseVdi(vdi())).toBe(3 * 2 ** 30);
    expect([isVdi(vdi(7)), parseVdi(vdi(7))]).toEqual([true, undefined]);
    expect(isVdi(Buffer.alloc(10))).toBe(false);
  });
});

describe('VMDK', () => {
  const vmdk = (capacity: bigint, sectors: bigint): Buffer => {
    const head = Buffer.alloc(VMDK_HEADER);
    head.write('KDMV', 0, 'latin1');
    head.writeBigUInt64LE(capacity, 12);
    head.writeBigUInt64LE(1n, 28);
    head.writeBigUInt64LE(sectors, 36);
    return head;
  };
  const description = (type: string, parent: string, extents = 'RW 20480 SPARSE "x.vmdk"'): string =>
    `# Disk DescriptorFile\nversion=1\nCID=1234\nparentCID=${parent}\ncreateType="${type}"\n${extents}\n`;

  it('tells its size and where it is described', () => {
    // QEMU reads twenty sectors in any case.
    expect(parseVmdk(vmdk(20_480n, 1n))?.descriptor).toEqual({ offset: 512, length: 10_240 });
    expect(parseVmdk(vmdk(20_480n, 20n))).toEqual({ virtualSize: 20_480 * 512, descriptor: { offset: 512, length: 10_240 } });
  });

  it('is refused when sizes are absurd', () => {
    for (const head of [vmdk(0n, 20n), vmdk(20n, 0n), vmdk(20n, 10_000n), vmdk(2n ** 62n, 20n), Buffer.alloc(3)]) {
      expect(parseVmdk(head)).toBeUndefined();
    }
  });

  it('is whole only when it names no other file', () => {
    expect(isWholeVmdk(description('monolithicSparse', 'ffffffff'))).toBe(true);
    expect(isWholeVmdk(description('streamOptimized', 'FFFFFFFF'))).toBe(true);
    expect(isWholeVmdk(description('monolithicSparse', '8a7b6c5d'))).toBe(false);
    expect(isWholeVmdk(description('monolithicFlat', 'ffffffff'))).toBe(false);
    expect(isWholeVmdk(description('monolithicSparse', 'ffffffff', 'RW 1 SPARSE "a"\nRW 1 FLAT "/etc/shadow" 0'))).toBe(false);
    expect(isWholeVmdk(`${description('monolithicSparse', 'ffffffff')}\0parentFileNameHint="/other.vmdk"`)).toBe(false);
    expect(isWholeVmdk('')).toBe(false);
  });
});
