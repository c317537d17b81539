import type { Duplex } from 'node:stream';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { Fields } from '../model/types.js';
import type { Api } from './api.js';

/** A console with what stands behind it. */
export interface ConsoleTarget {
  readonly protocol: 'rfb' | 'vt100';
  readonly vm: Ref<'VM'>;
  readonly isHost: boolean;
  open(): Promise<Duplex>;
}

/**
 * The console of a reference or uuid: its own, or that of a VM, whose screen it is then. Throws HANDLE_INVALID, UUID_INVALID,
 * VM_BAD_POWER_STATE, and VM_NOT_RESIDENT_HERE for a VM whose host this daemon does not drive.
 */
export function findConsole(api: Api, name: { readonly ref?: string; readonly uuid?: string }): ConsoleTarget {
  const { db } = api;
  const { vm, protocol } = name.ref === undefined ? byUuid(api, name.uuid ?? '') : byRef(api, name.ref);
  const { uuid, power_state, resident_on, is_control_domain } = db.get('VM', vm);
  if (power_state !== 'Running' && power_state !== 'Paused')
    throw new ApiError('VM_BAD_POWER_STATE', vm, 'running', power_state.toLowerCase());
  const host = api.hosts.find(resident_on);
  if (!host) throw new ApiError('VM_NOT_RESIDENT_HERE', vm, api.localHost);
  return { protocol, vm, isHost: is_control_domain, open: () => host.console.open(uuid, protocol) };
}

interface Named {
  readonly vm: Ref<'VM'>;
  readonly protocol: 'rfb' | 'vt100';
}

function byRef(api: Api, ref: string): Named {
  const console = api.db.find('console', ref)?.fields;
  return console ? named(console) : ofVm(api, ref as Ref<'VM'>);
}

function byUuid(api: Api, uuid: string): Named {
  const { db } = api;
  const console = db.table('console').refsByUuid.get(uuid);
  if (console !== undefined) return named(db.get('console', console));
  const vm = db.table('VM').refsByUuid.get(uuid);
  if (vm === undefined) throw new ApiError('UUID_INVALID', 'console', uuid);
  return ofVm(api, vm as Ref<'VM'>);
}

/** The screen of a VM, or what it has where that is none. */
function ofVm({ db }: Api, vm: Ref<'VM'>): Named {
  const consoles = db.get('VM', vm).consoles.map((ref) => db.get('console', ref));
  const console = consoles.find(({ protocol }) => protocol === 'rfb') ?? consoles[0];
  if (!console) throw new ApiError('HANDLE_INVALID', 'console', vm);
  return named(console);
}

function named({ VM: vm, protocol }: Fields<'console'>): Named {
  if (protocol === 'rdp') throw new ApiError('VALUE_NOT_SUPPORTED', 'protocol', protocol, 'The host offers no such console');
  return { vm, protocol };
}
