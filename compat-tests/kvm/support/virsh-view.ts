import type { LabHost } from '../../../test-support/libvirt/host/host.js';

/** A network card as virsh shows it; `device` is `-` while the domain does not run. */
export interface VirshCard {
  readonly device: string;
  readonly source: string;
  readonly mac: string;
}

/** One domain as virsh shows it. */
export class VirshView {
  readonly #host: LabHost;
  readonly #uuid: string;

  constructor(host: LabHost, uuid: string) {
    this.#host = host;
    this.#uuid = uuid;
  }

  async state(): Promise<string> {
    return this.#host.virsh('domstate', this.#uuid);
  }

  /** Paths of its disks by their names inside. */
  async disks(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#rows('domblklist');
    return new Map(rows.map(([name = '', ...path]) => [name, path.join(' ')]));
  }

  async cards(): Promise<readonly VirshCard[]> {
    const rows = await this.#rows('domiflist');
    return rows.map(([device = '', , source = '', , mac = '']) => ({ device, source, mac }));
  }

  /** Uuids of all domains of the host. */
  async domains(): Promise<readonly string[]> {
    return (await this.#host.virsh('list', '--all', '--uuid')).split('\n').filter(Boolean);
  }

  async #rows(command: string): Promise<string[][]> {
    const text = await this.#host.virsh(command, this.#uuid);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.trim().split(/\s+/));
  }
}
