import type { LabMachine } from './lab-machine.js';

/** One of the two networks between the lab machine and the storage server. */
export type StoragePath = 1 | 2;

/** A disk that the storage server serves over iSCSI. */
export interface ServedDisk {
  /** The target's iSCSI name. The disk is its LUN 0. */
  readonly target: string;
  /** Addresses with ports, one in each network. */
  readonly portals: readonly [string, string];
  /** Name of the disk for multipath and in `/dev/disk/by-id/scsi-…`, once somebody has logged in. */
  readonly scsiId: string;
}

/** A directory that the storage server serves over NFS 3 and 4. */
export interface ServedDirectory {
  readonly server: string;
  readonly path: string;
}

/** A directory that the storage server serves over SMB 2 and 3 as the share `//server/name`, to whoever has the password. */
export interface ServedShare {
  readonly server: string;
  readonly name: string;
  /** The directory itself, which the machine has too. */
  readonly path: string;
  readonly username: string;
  readonly password: string;
}

/** Who gets in over SMB. The server has one password for all of its shares: the one that was said last. */
const SMB_USER = 'storage';

/** The storage server beside a lab machine: another machine as far as networks, mounts, NFS and SMB go. Both have the same files. */
export class StorageServer {
  readonly #machine: LabMachine;

  constructor(machine: LabMachine) {
    this.#machine = machine;
  }

  /** Its address in a network. */
  address(path: StoragePath): string {
    return `10.10.${path}.2`;
  }

  /** Serves a new empty disk of a size in MiB, to whoever comes. `name` is its own among the disks of this server. */
  async serveDisk(name: string, size: number): Promise<ServedDisk> {
    const target = `iqn.2026-01.test.lab:${name}`;
    const portals = [`${this.address(1)}:3260`, `${this.address(2)}:3260`] as const;
    const id = await this.#machine.script('storage', 'iscsi-target.sh', ['serve', target, `${size}`, ...portals]);
    return { target, portals, scsiId: `3${id.trim()}` };
  }

  /** Serves a disk no more, as if it had never been. Sessions with it break. */
  async withdrawDisk({ target }: ServedDisk): Promise<void> {
    await this.#machine.script('storage', 'iscsi-target.sh', ['withdraw', target]);
  }

  /** Serves a new empty directory, for everybody to write to, root included. */
  async serveDirectory(name: string): Promise<ServedDirectory> {
    const path = `/srv/nfs/${name}`;
    await this.#machine.run('mkdir', ['-p', path]);
    await this.#machine.runAtStorage('exportfs', ['-o', 'rw,sync,no_root_squash,no_subtree_check', `*:${path}`]);
    return { server: this.address(1), path };
  }

  /** Serves a directory no more. What it holds stays. */
  async withdrawDirectory({ path }: ServedDirectory): Promise<void> {
    await this.#machine.runAtStorage('exportfs', ['-u', `*:${path}`]);
  }

  /** Serves a new empty directory over SMB, with a password. */
  async serveShare(name: string, password: string): Promise<ServedShare> {
    const path = `/srv/smb/${name}`;
    await this.#machine.run('mkdir', ['-p', path]);
    await this.#machine.runAtStorage('smbpasswd', ['-s', '-a', SMB_USER], { input: `${password}\n${password}\n` });
    await this.#machine.runAtStorage('net', ['conf', 'addshare', name, path, 'writeable=y', 'guest_ok=n']);
    return { server: this.address(1), name, path, username: SMB_USER, password };
  }

  /** Serves a share no more. What it holds stays. */
  async withdrawShare({ name }: ServedShare): Promise<void> {
    await this.#machine.runAtStorage('net', ['conf', 'delshare', name]);
    await this.#machine.runAtStorage('smbcontrol', ['smbd', 'close-share', name]);
  }

  /** Pulls the cable of a network. */
  async cut(path: StoragePath): Promise<void> {
    await this.#machine.run('ip', ['link', 'set', `storage${path}`, 'down']);
  }

  /** Puts the cable back. */
  async mend(path: StoragePath): Promise<void> {
    await this.#machine.run('ip', ['link', 'set', `storage${path}`, 'up']);
  }
}
