import type { EnumValue, Fields } from '../../../model/types.js';

/** What the firmware service of the original puts before its variables: a mark, a version, their number and their length. */
const MARK = 'VARS';
const VERSION = 1;
const HEADER_LENGTH = 24;
/** What follows a variable's name and data: identifier, attributes, time, digest of its certificate. */
const TRAILER_LENGTH = 16 + 4 + 16 + 32;

/** How far a VM is from secure boot, by its settings and the keys in its firmware. */
export function secureBootReadiness(vm: Fields<'VM'>): EnumValue<'vm_secureboot_readiness'> {
  if (vm.HVM_boot_params.get('firmware') !== 'uefi') return 'not_supported';
  if (!['true', '1'].includes((vm.platform.get('secureboot') ?? '').toLowerCase())) return 'disabled';
  const variables = vm.NVRAM.get('EFI-variables');
  if (variables === undefined) return 'first_boot';
  const names = variableNames(Buffer.from(variables, 'base64'));
  if (!names.has('PK')) return 'setup_mode';
  if (!names.has('KEK') || !names.has('db')) return 'certs_incomplete';
  return names.has('dbx') ? 'ready' : 'ready_no_dbx';
}

/** Names of the variables in a firmware's store. A store that ends early has those before the break, another kind of store none. */
export function variableNames(store: Buffer): ReadonlySet<string> {
  const names = new Set<string>();
  if (store.length < HEADER_LENGTH || store.toString('latin1', 0, 4) !== MARK || store.readUInt32LE(4) !== VERSION) return names;
  for (let at = HEADER_LENGTH; at < store.length; ) {
    const name = chunk(store, at);
    const data = name && chunk(store, at + 8 + name.length);
    if (!name || !data) break;
    names.add(name.toString('utf16le').replace(/\0+$/, ''));
    at += 8 + name.length + 8 + data.length + TRAILER_LENGTH;
  }
  return names;
}

/** Bytes with their length before them, or undefined where the store does not hold them whole. */
function chunk(store: Buffer, at: number): Buffer | undefined {
  if (at + 8 > store.length) return undefined;
  const length = store.readBigUInt64LE(at);
  return length > BigInt(store.length - at - 8) ? undefined : store.subarray(at + 8, at + 8 + Number(length));
}
