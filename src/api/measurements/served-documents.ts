import type { MetricOwner } from '../../host/metrics.js';
import type { Ref } from '../../model/ref.js';
import type { RrdDocument, XportDocument } from '../../wire/rrd/document.js';
import type { Api } from '../api.js';
import { allRows, ownersOf, recentRows, type WantedOwners, type WantedRows } from './documents.js';

/** Documents of the measurements, as HTTP clients ask a host for them. */
export class ServedDocuments {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The host that is meant by the address that a client has come to; the daemon's own host when none has it. */
  hostAt(addresses: readonly (string | undefined)[]): Ref<'host'> {
    for (const [ref, { address }] of this.#api.db.all('host')) if (addresses.includes(address)) return ref;
    return this.#api.localHost;
  }

  /** Recent rows of a host and of what runs there; undefined when nothing of that has been measured. */
  async recent(host: Ref<'host'>, owners: WantedOwners, rows: WantedRows): Promise<XportDocument | undefined> {
    const { db, measurements } = this.#api;
    const { uuid, resident_VMs } = db.get('host', host);
    const resident = resident_VMs.flatMap((vm) => db.find('VM', vm)?.fields.uuid ?? []);
    const found = await Promise.all(ownersOf(uuid, resident, owners).map((owner) => measurements.look(owner)));
    return recentRows(
      found.flatMap((one) => one ?? []),
      rows,
    );
  }

  /** Everything that is kept of an owner; undefined when nothing is. */
  async all(owner: MetricOwner): Promise<RrdDocument | undefined> {
    const archives = await this.#api.measurements.look(owner);
    return archives && archives.updated > 0 ? allRows(archives) : undefined;
  }

  /** The uuid of a host. */
  hostUuid(host: Ref<'host'>): string {
    return this.#api.db.get('host', host).uuid;
  }
}
