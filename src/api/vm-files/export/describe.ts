import type { Database } from '../../../db/database.js';
import { classModel, type FieldModel } from '../../../model/class-model.js';
import { NEVER } from '../../../model/datetime.js';
import { RecordVersion } from '../../../model/record.js';
import { NULL_REF } from '../../../model/ref.js';
import { parseType } from '../../../model/type-syntax.js';
import type { Fields } from '../../../model/types.js';
import { taskResultXml } from '../../../wire/protocol.js';
import { structText } from '../../../wire/xva/struct-text.js';
import type { FileClass } from '../file-classes.js';
import type { Gathered } from './gather.js';

/** What a file tells of its VMs. */
export interface Telling {
  /** Power states and attached devices as they are; else everything is halted. */
  readonly preservePowerState: boolean;
  /** Which VMs are snapshots, and of what; else each stands for itself. */
  readonly snapshots: boolean;
}

type Values = Record<string, unknown>;

/** What a file tells of hosts: whoever reads it may be anybody, and looks for nothing but which one it was. */
const HOST_FIELDS: ReadonlySet<string> = new Set([
  'uuid',
  'name_label',
  'name_description',
  'API_version_major',
  'API_version_minor',
  'API_version_vendor',
  'enabled',
  'hostname',
  'address',
  'cpu_info',
  'edition',
]);

/** A VM that is no snapshot for who reads the file. */
const NO_SNAPSHOT = {
  is_a_snapshot: false,
  snapshot_of: NULL_REF,
  snapshots: [],
  snapshot_time: NEVER,
  transportable_snapshot_id: '',
  parent: NULL_REF,
} as const;

/** The fields of an object of a file as the XML-RPC text of a struct, references replaced by the ids of the file. */
export function describeObject(db: Database, gathered: Gathered, className: FileClass, ref: string, telling: Telling): string {
  if (className === 'VTPM') return describeVtpm(db, gathered, ref);
  const record = db.record(className, ref);
  const values: Values = { ...record.fields };
  for (const field of classModel(className).fields) values[field.name] = translated(field, values[field.name], gathered);
  const fields = { ...values, ...changed(className, record.fields as Values, telling) };
  return taskResultXml(parseType(`record ${className}`), new RecordVersion(className, fields as Fields<typeof className>));
}

function changed(className: FileClass, fields: Values, { preservePowerState, snapshots }: Telling): Values {
  switch (className) {
    case 'host':
      return Object.fromEntries(
        classModel('host')
          .fields.filter(({ name }) => !HOST_FIELDS.has(name))
          .map(({ name, initial }) => [name, initial]),
      );
    case 'VM':
      return {
        ...NOTHING_GOES_ON,
        protection_policy: NULL_REF,
        ...(!preservePowerState && { power_state: 'Halted', suspend_VDI: NULL_REF }),
        ...(!snapshots && NO_SNAPSHOT),
      };
    case 'VBD':
    case 'VIF':
      return { ...NOTHING_GOES_ON, ...(!preservePowerState && { currently_attached: false }) };
    case 'VGPU':
      return preservePowerState ? {} : { currently_attached: false };
    case 'PVS_proxy':
      return { currently_attached: false };
    default:
      return 'current_operations' in fields ? NOTHING_GOES_ON : {};
  }
}

const NOTHING_GOES_ON = { allowed_operations: [], current_operations: new Map() } as const;

/** A value with the ids of the file for references. What is not in the file is null, or left out of sets and maps. */
function translated({ type }: FieldModel, value: unknown, gathered: Gathered): unknown {
  const idOf = (ref: unknown) => (typeof ref === 'string' ? gathered.idOf(ref) : undefined);
  if (type.kind === 'ref') return idOf(value) ?? NULL_REF;
  if (type.kind === 'set' && type.of.kind === 'ref' && Array.isArray(value)) return value.flatMap((ref) => idOf(ref) ?? []);
  if (type.kind === 'map' && (type.key.kind === 'ref' || type.value.kind === 'ref') && value instanceof Map)
    return new Map(
      [...value].flatMap(([key, item]) => {
        const entry = [type.key.kind === 'ref' ? idOf(key) : key, type.value.kind === 'ref' ? idOf(item) : item] as const;
        return entry.includes(undefined) ? [] : [entry];
      }),
    );
  return value;
}

/** A TPM device goes with its state, in a form of its own. */
function describeVtpm(db: Database, gathered: Gathered, ref: string): string {
  const { VM, uuid, is_unique, is_protected, contents } = db.get('VTPM', ref);
  const text = (value: string) => taskResultXml(parseType('string'), value);
  const flag = (value: boolean) => taskResultXml(parseType('bool'), value);
  return structText([
    ["vTPM'_VM", text(gathered.idOf(VM) ?? NULL_REF)],
    ["vTPM'_uuid", text(uuid)],
    ["vTPM'_is_unique", flag(is_unique)],
    ["vTPM'_is_protected", flag(is_protected)],
    ["vTPM'_content", text(db.find('secret', contents)?.fields.value ?? '')],
  ]);
}
