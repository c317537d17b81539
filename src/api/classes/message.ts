import type { Table } from '../../db/table.js';
import { compileWhere } from '../../db/where.js';
import { classModel } from '../../model/class-model.js';
import { fromDateTime } from '../../model/datetime.js';
import { ApiError } from '../../model/error.js';
import type { RecordVersion } from '../../model/record.js';
import type { Ref } from '../../model/ref.js';
import type { ClassName, EnumValue, Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { ClassBehaviour } from '../behaviour.js';

const CLASS_OF: { readonly [K in EnumValue<'cls'>]: ClassName } = {
  VM: 'VM',
  Host: 'host',
  SR: 'SR',
  Pool: 'pool',
  VMPP: 'VMPP',
  VMSS: 'VMSS',
  PVS_proxy: 'PVS_proxy',
  VDI: 'VDI',
  Certificate: 'Certificate',
};

type Messages = ReadonlyMap<Ref<'message'>, RecordVersion<'message'>>;

function table(api: Api): Table {
  return api.db.table('message');
}

/** Messages that fit, newest first. */
function select(api: Api, fits: (ref: string, fields: Fields<'message'>, record: RecordVersion) => boolean): Messages {
  const found: [Ref<'message'>, RecordVersion<'message'>][] = [];
  for (const { ref, version } of table(api).rows.values()) {
    const record = version as RecordVersion<'message'>;
    if (fits(ref, record.fields, version)) found.push([ref as Ref<'message'>, record]);
  }
  return new Map(found.reverse());
}

function later(since: string): (fields: Fields<'message'>) => boolean {
  const limit = fromDateTime(since);
  return (fields) => fromDateTime(fields.timestamp) > limit;
}

/** What destroy_all may be told to look at. */
const FILTERS: { readonly [key: string]: (fields: Fields<'message'>, value: string) => boolean } = {
  name: (fields, value) => fields.name === value,
  cls: (fields, value) => fields.cls.toLowerCase() === value.toLowerCase(),
  obj_uuid: (fields, value) => fields.obj_uuid === value,
  priority: (fields, value) => String(fields.priority) === value,
  before: (fields, value) => fromDateTime(fields.timestamp) < fromDateTime(value),
  after: (fields, value) => fromDateTime(fields.timestamp) > fromDateTime(value),
};

function destroyAll(api: Api, filters: ReadonlyMap<string, string>): void {
  const tests = [...filters].map(([key, value]) => {
    const test = Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined;
    if (!test) throw new ApiError('INVALID_VALUE', 'filters', key);
    return (fields: Fields<'message'>) => test(fields, value);
  });
  api.db.transaction(() => {
    for (const [ref, fields] of [...api.db.all('message')])
      if (tests.every((test) => test(fields))) api.db.destroy('message', ref);
  });
}

/** Messages about objects: what happened, for people to read. They are no ordinary objects, and have their own look-ups. */
export const message: ClassBehaviour<'message'> = {
  messages: {
    create: ({ api }, name, priority, cls, uuid, body) => {
      if (!api.db.table(CLASS_OF[cls]).refsByUuid.has(uuid)) throw new ApiError('UUID_INVALID', cls, uuid);
      return api.alerts.create({ name, priority, cls, objUuid: uuid, body });
    },
    destroy: ({ api }, self) => api.db.destroy('message', self),
    destroy_many: ({ api }, messages) =>
      api.db.transaction(() => {
        for (const self of messages) api.db.destroy('message', self);
      }),
    destroy_all: ({ api }, filters) => destroyAll(api, filters),
    get: ({ api }, cls, uuid, since) => {
      if (!api.db.table(CLASS_OF[cls]).refsByUuid.has(uuid)) throw new ApiError('UUID_INVALID');
      const isLater = later(since);
      return select(api, (_ref, fields) => fields.cls === cls && fields.obj_uuid === uuid && isLater(fields));
    },
    get_since: ({ api }, since) => {
      const isLater = later(since);
      return select(api, (_ref, fields) => isLater(fields));
    },
    get_all: ({ api }) => [...select(api, () => true).keys()],
    get_all_records: ({ api }) => select(api, () => true),
    get_all_records_where: ({ api }, expression) => {
      const fits = compileWhere(classModel('message'), expression);
      return select(api, (ref, _fields, record) => fits(ref, record));
    },
    get_record: ({ api }, self) => api.db.record('message', self),
    get_by_uuid: ({ api }, uuid) => api.db.byUuid('message', uuid),
  },
};
