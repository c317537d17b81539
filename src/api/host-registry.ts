import type { Host } from '../host/host.js';
import { ApiError } from '../model/error.js';
import { isNullRef, type Ref } from '../model/ref.js';

/** The physical hosts behind the host objects. */
export class HostRegistry {
  readonly #hosts = new Map<string, Host>();

  add(ref: Ref<'host'>, host: Host): void {
    this.#hosts.set(ref, host);
  }

  remove(ref: Ref<'host'>): void {
    this.#hosts.delete(ref);
  }

  /** The host behind an object. Throws HOST_OFFLINE when it cannot be reached, HANDLE_INVALID for no host at all. */
  get(ref: Ref<'host'>): Host {
    const host = this.#hosts.get(ref);
    if (host) return host;
    throw isNullRef(ref) ? new ApiError('HANDLE_INVALID', 'host', ref) : new ApiError('HOST_OFFLINE', ref);
  }

  find(ref: Ref<'host'>): Host | undefined {
    return this.#hosts.get(ref);
  }

  /** Every host that can be reached. */
  entries(): Iterable<[Ref<'host'>, Host]> {
    return this.#hosts.entries() as Iterable<[Ref<'host'>, Host]>;
  }
}
