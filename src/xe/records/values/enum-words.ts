import { enums } from '../../../../schema/enums.js';
import { parseWord } from '../../values.js';

/** Words of an enumeration on the command line. */
export interface EnumWords {
  /** The word for a value of the API. */
  print(value: string): string;
  /** The value of the API for a word in any letter case. Throws CommandFailure that names the words. */
  parse(word: string): string;
}

/** Operations on a VM that command lines have no word for. */
const NO_WORD = '(unknown operation)';

/** Words that are not the API's. An enumeration whose values are all here lists its words in this order, else in the API's. */
const SPELLINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  allocation_algorithm: { depth_first: 'depth-first', breadth_first: 'breadth-first' },
  console_protocol: { vt100: 'VT100', rfb: 'RFB', rdp: 'RDP' },
  domain_type: { pv_in_pvh: 'pv-in-pvh' },
  host_allowed_operations: { vm_start: 'VM.start', vm_resume: 'VM.resume', vm_migrate: 'VM.migrate' },
  on_crash_behaviour: {
    destroy: 'Destroy',
    coredump_and_destroy: 'Core dump and destroy',
    restart: 'Restart',
    coredump_and_restart: 'Core dump and restart',
    preserve: 'Preserve',
    rename_restart: 'Rename restart',
  },
  on_normal_exit: { destroy: 'Destroy', restart: 'Restart' },
  on_softreboot_behavior: { destroy: 'Destroy', restart: 'Restart', preserve: 'Preserve', soft_reboot: 'Soft reboot' },
  placement_policy: { anti_affinity: 'anti-affinity' },
  pvs_proxy_status: {
    incompatible_write_cache_mode: 'incompatible-write-cache-mode',
    incompatible_protocol_version: 'incompatible-protocol-version',
  },
  storage_operations: Object.fromEntries(
    enums.storage_operations.flatMap((value) => {
      const [, of, operation] = /^(vdi|pbd)_(\w+)$/.exec(value) ?? [];
      return of ? [[value, `${of.toUpperCase()}.${operation}`] as const] : [];
    }),
  ),
  task_allowed_operations: { cancel: 'Cancel', destroy: 'Destroy' },
  tristate_type: { yes: 'true', no: 'false' },
  vdi_type: {
    system: 'System',
    user: 'User',
    ephemeral: 'Ephemeral',
    suspend: 'Suspend',
    crashdump: 'Crashdump',
    ha_statefile: 'HA statefile',
    metadata: 'Metadata',
    redo_log: 'Redo log',
    rrd: 'rrd',
    pvs_cache: 'PVS cache',
    cbt_metadata: 'CBT metadata',
  },
  vm_operations: {
    assert_operation_valid: 'assertoperationvalid',
    data_source_op: 'data_sources_op',
    create_template: NO_WORD,
    query_services: NO_WORD,
    changing_memory_limits: NO_WORD,
    changing_VCPUs: NO_WORD,
  },
  vm_power_state: { Halted: 'halted', Paused: 'paused', Running: 'running', Suspended: 'suspended' },
};

const known = new Map<string, EnumWords>();

/** The words of an enumeration of the model. Throws on a name that is none. */
export function enumWords(enumeration: string): EnumWords {
  let words = known.get(enumeration);
  if (!words) {
    words = compile(enumeration);
    known.set(enumeration, words);
  }
  return words;
}

function compile(enumeration: string): EnumWords {
  if (!Object.hasOwn(enums, enumeration)) throw new Error(`no enumeration ${enumeration}`);
  const values: readonly string[] = enums[enumeration as keyof typeof enums];
  const spellings = SPELLINGS[enumeration] ?? {};
  const spelled = Object.keys(spellings);
  const ordered = spelled.length === values.length ? spelled : values;
  const words = new Map(ordered.map((value) => [value, spellings[value] ?? value]));
  const readable = new Map([...words].filter(([, word]) => word !== NO_WORD).map(([value, word]) => [word, value]));
  return {
    print: (value) => words.get(value) ?? value,
    parse: (word) => readable.get(parseWord([...readable.keys()], word)) ?? word,
  };
}
