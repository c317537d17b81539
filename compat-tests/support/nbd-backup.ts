import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { TestClient } from '../../src/nbd/testing/client.js';
import { COMMAND, OPTION } from '../../src/wire/nbd/numbers.js';
import { encodeOption } from '../../src/wire/nbd/options.js';
import type { Rpc } from '../../test-support/rpc.js';
import { runProgram } from './program.js';

/** What VDI.get_nbd_info says of one way to a disk. */
export interface NbdInfo {
  readonly exportname: string;
  readonly address: string;
  readonly port: number;
  readonly cert: string;
  readonly subject: string;
}

/** Bytes of the blocks whose changes are told. */
export const BLOCK = 64 * 1024;

/** A backup program: it knows the API, NBD, and QEMU's tools. */
export class BackupClient {
  readonly #rpc: Rpc;
  readonly #directory: string;

  /** `directory`: for what is read. */
  constructor(rpc: Rpc, directory: string) {
    this.#rpc = rpc;
    this.#directory = directory;
  }

  /** The only way to a disk. */
  async info(vdi: string): Promise<NbdInfo> {
    const [info, ...more] = await this.#rpc.call<NbdInfo[]>('VDI.get_nbd_info', vdi);
    if (info === undefined || more.length > 0) throw new Error(`${more.length + (info ? 1 : 0)} ways to the disk`);
    return info;
  }

  /** Options by which QEMU's tools find a disk; the certificate is the only one that they trust. */
  async qemuOptions(info: NbdInfo): Promise<{ readonly tls: readonly string[]; readonly image: string }> {
    await writeFile(join(this.#directory, 'ca-cert.pem'), info.cert);
    const credentials = `tls-creds-x509,id=tls,endpoint=client,dir=${this.#directory},verify-peer=yes,sanity-check=no`;
    const { address, port, exportname, subject } = info;
    const image = `driver=nbd,host=${address},port=${port},export=${exportname},tls-creds=tls,tls-hostname=${subject}`;
    return { tls: ['--object', credentials], image };
  }

  /** Reads a whole disk with qemu-img; the path of the copy. */
  async copy(vdi: string): Promise<string> {
    const { tls, image } = await this.qemuOptions(await this.info(vdi));
    const path = join(this.#directory, 'copy.raw');
    await this.#qemuImg('convert', ...tls, '--image-opts', '-O', 'raw', image, path);
    return path;
  }

  /** Reads those blocks of a disk that a bitmap names, over a copy; how many they are. */
  async update(vdi: string, copy: string, bitmap: Buffer): Promise<number> {
    const { address, port, exportname } = await this.info(vdi);
    const client = await TestClient.connect(port, address);
    const file = await open(copy, 'r+');
    try {
      // As Xen Orchestra does it: TLS, then the oldest way to ask for an export.
      await client.greet(1);
      await client.startTls();
      client.send(encodeOption(OPTION.exportName, Buffer.from(exportname)));
      const size = Number((await client.take(10 + 124)).readBigUInt64BE());
      let changed = 0;
      for (let block = 0; block * BLOCK < size; block++) {
        if (!((bitmap[block >> 3] ?? 0) & (0x80 >> (block & 7)))) continue;
        const [offset, length] = [block * BLOCK, Math.min(BLOCK, size - block * BLOCK)];
        client.ask(COMMAND.read, offset, length);
        const { error, data } = await client.reply(offset, length);
        expect(error).toBe(0);
        await file.write(data, 0, length, offset);
        changed++;
      }
      client.ask(COMMAND.disconnect, 0, 0);
      await client.hungUp();
      return changed;
    } finally {
      client.close();
      await file.close();
    }
  }

  /** Whether a copy has the content of a disk, as qemu-img finds. */
  async same(vdi: string, copy: string): Promise<boolean> {
    const { tls, image } = await this.qemuOptions(await this.info(vdi));
    const file = `driver=raw,file.driver=file,file.filename=${copy}`;
    const { status, stderr } = await runProgram('qemu-img', ['compare', ...tls, '--image-opts', image, file]);
    if (status !== 0 && status !== 1) throw new Error(`qemu-img compare: ${stderr}`);
    return status === 0;
  }

  /** The blocks that changed from one state of a disk to another, as a bitmap. */
  async changed(from: string, to: string): Promise<Buffer> {
    return Buffer.from(await this.#rpc.call<string>('VDI.list_changed_blocks', from, to), 'base64');
  }

  async snapshot(vdi: string): Promise<string> {
    return this.#rpc.call<string>('VDI.snapshot', vdi, {});
  }

  async #qemuImg(...args: readonly string[]): Promise<void> {
    const { status, stderr } = await runProgram('qemu-img', args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
}

/**
 * Backs a disk up as Xen Orchestra does, twice: the whole of a snapshot, then what has changed since; with the data of the older
 * snapshot there and gone. `write` changes the disk. Resolves with the number of blocks that the second backup has read.
 */
export async function backUpTwice(rpc: Rpc, directory: string, vdi: string, write: () => Promise<void>): Promise<number> {
  const client = new BackupClient(rpc, directory);
  await rpc.call('VDI.enable_cbt', vdi);
  const first = await client.snapshot(vdi);
  const copy = await client.copy(first);
  expect(await client.same(first, copy)).toBe(true);
  await write();
  const second = await client.snapshot(vdi);
  expect(await client.same(second, copy)).toBe(false);

  const told = await client.changed(first, second);
  await rpc.call('VDI.data_destroy', first);
  await expect(client.info(first)).rejects.toMatchObject({ code: 'VDI_INCOMPATIBLE_TYPE' });
  const found = await client.changed(first, second);
  // What is known from the storage may be more than what differs, but never less.
  for (const [i, byte] of found.entries()) expect((told[i] ?? 0) & byte).toBe(byte);

  const changed = await client.update(second, copy, found);
  expect(await client.same(second, copy)).toBe(true);
  for (const snapshot of [first, second]) await rpc.call('VDI.destroy', snapshot);
  await rpc.call('VDI.disable_cbt', vdi);
  return changed;
}
