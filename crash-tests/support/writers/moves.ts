import type { Snapshot } from '../snapshot.js';
import type { Caller, Writer } from '../writer.js';

/** Moves the disk of a running VM to and fro between two SRs. A copy may be left over, the disk itself must be there. */
export class MoveWriter implements Writer {
  readonly name: string;
  acknowledged = 0;
  #srs: readonly string[] = [];
  #vm = '';
  #disk = '';
  #isMoving = false;

  constructor(name: string) {
    this.name = name;
  }

  async prepare(caller: Caller): Promise<void> {
    const all = await caller.call<Record<string, { content_type: string }>>('SR.get_all_records');
    this.#srs = Object.keys(all).filter((sr) => all[sr]?.content_type === 'user');
    const [source] = await caller.call<string[]>('VM.get_by_name_label', 'vm-1');
    this.#vm = await caller.call('VM.clone', source, this.name);
    await caller.call('VM.start', this.#vm, false, false);
    for (const vbd of await caller.call<string[]>('VM.get_VBDs', this.#vm)) {
      if ((await caller.call('VBD.get_type', vbd)) === 'Disk') this.#disk = await caller.call('VBD.get_VDI', vbd);
    }
  }

  async step(caller: Caller): Promise<void> {
    const here = await caller.call<string>('VDI.get_SR', this.#disk);
    this.#isMoving = true;
    this.#disk = await caller.call(
      'VDI.pool_migrate',
      this.#disk,
      this.#srs.find((sr) => sr !== here),
      {},
    );
    this.#isMoving = false;
    this.acknowledged++;
  }

  check(snapshot: Snapshot): string[] {
    const wasMoving = this.#isMoving;
    this.#isMoving = false;
    const vm = snapshot.find('VM', this.#vm);
    const drives = ((vm?.VBDs ?? []) as string[]).map((vbd) => snapshot.find('VBD', vbd)).filter((vbd) => vbd?.type === 'Disk');
    const disk = String(drives[0]?.VDI);
    const acknowledged = this.#disk;
    this.#disk = disk;
    if (snapshot.find('VDI', disk)?.missing !== false) return [`${this.name}: the disk of the VM has no data any more`];
    if (disk !== acknowledged && !wasMoving) return [`${this.name}: the VM does not have the disk that was acknowledged`];
    return vm?.power_state === 'Running' ? [] : [`${this.name}: the VM does not run any more`];
  }
}
