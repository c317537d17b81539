import { makeHome, removeHome } from '../machine/home.js';
import { Qemu } from '../machine/qemu.js';
import { Shell } from '../machine/shell.js';
import type { LabImage } from './image.js';

/** Starts the machine once, and keeps what it is then. Rejects with what it has printed when it does not start. */
export async function startOnce(image: LabImage): Promise<void> {
  const home = await makeHome();
  const qemu = await Qemu.start({ image, directory: home, disk: image.disk, begin: 'boot' });
  try {
    const shell = await Shell.connect(qemu, image.key);
    await shell.run('test', ['-e', '/run/started']);
    await shell.run('sync');
    shell.close();
    await qemu.keep(image.state);
  } catch (thrown) {
    throw new Error(`the lab machine does not start:\n${await qemu.console()}`, { cause: thrown });
  } finally {
    await qemu.kill();
    await removeHome(home);
  }
}
