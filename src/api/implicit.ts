import { compileWhere } from '../db/where.js';
import { ApiError } from '../model/error.js';
import type { MessageModel } from '../model/message-model.js';
import type { RecordVersion } from '../model/record.js';
import { orNullRef, type Ref } from '../model/ref.js';
import type { ClassName, Fields } from '../model/types.js';
import type { Call } from './call.js';

/** The answer to a message, once its arguments are known to be of the right types. */
export type Answer = (call: Call, args: readonly unknown[]) => unknown;

type Patch = Partial<Fields<ClassName>>;
/** A setter of any class. */
export type AnySetter = (call: Call, self: Ref<ClassName>, value: never) => void | Promise<void>;

function patch(field: string, value: unknown): Patch {
  return { [field]: value } as Patch;
}

/** Answers to the messages that only read: they follow from the schema. Undefined for those that write or are explicit. */
export function readAnswer(message: MessageModel): Answer | undefined {
  const className = message.class.name;
  const field = message.field?.name as string;
  switch (message.kind) {
    case 'get':
      return ({ api }, [self]) => (api.db.get(className, self as string) as Record<string, unknown>)[field];
    case 'get_record':
      return ({ api }, [self]) => api.db.record(className, self as string);
    case 'get_by_uuid':
      return ({ api }, [uuid]) => api.db.byUuid(className, uuid as string);
    case 'get_by_name_label':
      return ({ api }, [label]) =>
        api.db.filter(className, (f) => (f as { name_label?: string }).name_label === label).map(([ref]) => ref);
    case 'get_all':
      return ({ api }) => [...api.db.table(className).rows.keys()];
    case 'get_all_records':
      return ({ api }) => records(api.db.table(className).rows.values());
    case 'get_all_where':
      return (call, [expression]) => [...matching(call, message, expression as string).keys()];
    case 'get_all_records_where':
      return (call, [expression]) => matching(call, message, expression as string);
    default:
      return undefined;
  }
}

function records(rows: Iterable<{ ref: string; version: RecordVersion }>): Map<string, RecordVersion> {
  const map = new Map<string, RecordVersion>();
  for (const { ref, version } of rows) map.set(ref, version);
  return map;
}

function matching({ api }: Call, message: MessageModel, expression: string): Map<string, RecordVersion> {
  const fits = compileWhere(message.class, expression);
  const rows = [...api.db.table(message.class.name).rows.values()];
  return records(rows.filter(({ ref, version }) => fits(ref, version)));
}

/** Answers to the messages that write a field: through the class's own setter where it has one. */
export function writeAnswer(message: MessageModel, setter: AnySetter | undefined): Answer {
  const { name: className } = message.class;
  const field = message.field?.name as string;
  const store = (call: Call, self: Ref<ClassName>, value: unknown): void | Promise<void> =>
    setter ? setter(call, self, value as never) : call.api.db.set(className, self, patch(field, value));
  const current = ({ api }: Call, self: string) => (api.db.get(className, self) as Record<string, unknown>)[field];
  const kind = message.field?.type.kind;
  const isMap = kind === 'map';
  const settable = (value: unknown): unknown => {
    if (isMap) return checkKeys(value as ReadonlyMap<unknown, unknown>);
    return kind === 'ref' ? orNullRef(value as string) : value;
  };
  return (call, [self, first, second]) => {
    const ref = self as Ref<ClassName>;
    const old = current(call, ref);
    if (message.kind === 'set') return store(call, ref, settable(first));
    if (isMap) {
      const map = old as ReadonlyMap<unknown, unknown>;
      if (message.kind === 'add') return store(call, ref, withKey(message, ref, map, first, second));
      return map.has(first) ? store(call, ref, new Map([...map].filter(([key]) => key !== first))) : undefined;
    }
    const set = old as readonly unknown[];
    if (message.kind === 'add') return set.includes(first) ? undefined : store(call, ref, [...set, first]);
    return set.includes(first)
      ? store(
          call,
          ref,
          set.filter((item) => item !== first),
        )
      : undefined;
  };
}

function checkKeys<M extends ReadonlyMap<unknown, unknown>>(map: M): M {
  if (map.has('')) throw new ApiError('INTERNAL_ERROR', 'a map key may not be empty');
  return map;
}

function withKey(
  message: MessageModel,
  self: string,
  map: ReadonlyMap<unknown, unknown>,
  key: unknown,
  value: unknown,
): ReadonlyMap<unknown, unknown> {
  if (key === '') throw new ApiError('INTERNAL_ERROR', 'a map key may not be empty');
  if (map.has(key)) throw new ApiError('MAP_DUPLICATE_KEY', message.class.name, message.field?.column ?? '', self, String(key));
  return new Map([...map, [key, value]]);
}
