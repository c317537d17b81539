import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostCommands } from '../../network/commands.js';

/** A block device of the host whose content is a file of a test. */
export interface LoopDevice {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a block device of a size in bytes. It takes no space until it is written to. */
export async function loopDevice(size: number): Promise<LoopDevice> {
  const commands = new HostCommands();
  const directory = await mkdtemp(join(tmpdir(), 'loop-'));
  const image = join(directory, 'disk');
  const file = await open(image, 'w');
  await file.truncate(size);
  await file.close();
  const path = (await commands.run('losetup', ['--find', '--show', image])).trim();
  // There are few of them: one that is detached while it is open goes when it is closed, by the death of the test too.
  const held = await open(path);
  await commands.run('losetup', ['--detach', path]);
  return {
    path,
    async remove() {
      await held.close();
      await rm(directory, { recursive: true });
    },
  };
}
