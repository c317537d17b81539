import type { Api } from '../api/api.js';
import { checkPermission, permissions } from '../api/roles.js';
import type { Session } from '../api/session.js';
import { parseExportName } from '../api/storage/nbd/export-name.js';
import { securityAt } from '../api/storage/nbd/offered-addresses.js';
import { ReadDisks } from '../api/storage/nbd/read-disks.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { Exports, OpenExport, Security } from '../nbd/exports.js';

/** Milliseconds between two looks at the session of a client that reads: it must not end for want of calls. */
const SESSION_LOOK = 60_000;

/** Disks of the pool, as the NBD server asks for them. */
export class PoolExports implements Exports {
  readonly #api: Api;
  readonly #disks: ReadDisks;

  constructor(api: Api) {
    this.#api = api;
    this.#disks = new ReadDisks(api);
  }

  security(address: string): Security | undefined {
    return securityAt(this.#api, address);
  }

  size(name: string): number {
    return this.#api.db.get('VDI', this.#find(name).vdi).virtual_size;
  }

  async open(name: string, signal: AbortSignal): Promise<OpenExport> {
    const { vdi, session } = this.#find(name);
    const disk = await this.#disks.open(vdi, signal);
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const reasons = [disk.lost, session.ended];
    for (const reason of reasons) reason.addEventListener('abort', end);
    if (reasons.some(({ aborted }) => aborted)) end();
    let looked = Date.now();
    const used = (): void => {
      if (Date.now() - looked < SESSION_LOOK) return;
      looked = Date.now();
      try {
        this.#admit(session.ref);
      } catch {
        end();
      }
    };
    const close = (): Promise<void> => {
      for (const reason of reasons) reason.removeEventListener('abort', end);
      return disk.close();
    };
    return { ...disk, ended: ended.signal, used, close };
  }

  /** The VDI of a name. Throws SESSION_INVALID, RBAC_PERMISSION_DENIED, UUID_INVALID. */
  #find(name: string): { readonly vdi: Ref<'VDI'>; readonly session: Session } {
    const { vdi: uuid, session: ref } = parseExportName(name);
    const session = this.#admit(ref);
    const vdi = this.#api.db.table('VDI').refsByUuid.get(uuid);
    if (vdi === undefined) throw new ApiError('UUID_INVALID', 'VDI', uuid);
    return { vdi: vdi as Ref<'VDI'>, session };
  }

  /** Whoever may ask for the name of an export may read it. */
  #admit(ref: string): Session {
    const session = this.#api.sessions.find(ref);
    const permission = permissions.get('vdi.get_nbd_info');
    if (!permission) throw new Error('no permission for VDI.get_nbd_info');
    if (!session.superuser) checkPermission(session.roles, permission);
    return session;
  }
}
