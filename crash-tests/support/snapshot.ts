import { relations } from '../../schema/relations.js';
import { type JsonRecord, type Rpc, RpcError } from '../../test-support/rpc.js';

/** Every object of the classes that have relations, as a client sees them. */
export class Snapshot {
  readonly #classes: ReadonlyMap<string, ReadonlyMap<string, JsonRecord>>;

  private constructor(classes: ReadonlyMap<string, ReadonlyMap<string, JsonRecord>>) {
    this.#classes = classes;
  }

  static async take(rpc: Rpc): Promise<Snapshot> {
    const names = [
      ...new Set([...relations.flatMap(({ from, to }) => [from[0], to[0]]), 'secret', 'VM_metrics', 'host_metrics']),
    ];
    const entries = await Promise.all(
      names.map(async (name): Promise<[string, ReadonlyMap<string, JsonRecord>]> => {
        // Sessions cannot be listed by anybody.
        return [name, new Map(name === 'session' ? [] : Object.entries(await records(rpc, name)))];
      }),
    );
    return new Snapshot(new Map(entries));
  }

  get classes(): readonly string[] {
    return [...this.#classes.keys()];
  }

  all(className: string): ReadonlyMap<string, JsonRecord> {
    return this.#classes.get(className) ?? new Map();
  }

  find(className: string, ref: unknown): JsonRecord | undefined {
    return typeof ref === 'string' ? this.all(className).get(ref) : undefined;
  }

  /** References of the objects whose name starts like this. */
  named(className: string, prefix: string): readonly string[] {
    return [...this.all(className)].filter(([, { name_label }]) => String(name_label).startsWith(prefix)).map(([ref]) => ref);
  }
}

/** Nothing of the classes that the API has withdrawn. */
async function records(rpc: Rpc, className: string): Promise<Record<string, JsonRecord>> {
  try {
    return await rpc.call(`${className}.get_all_records`);
  } catch (thrown) {
    if (thrown instanceof RpcError && thrown.code === 'MESSAGE_REMOVED') return {};
    throw thrown;
  }
}
