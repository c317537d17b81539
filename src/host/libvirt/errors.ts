import { ErrorCode, LibvirtBusy, LibvirtClosed, LibvirtError, LibvirtTimeout } from 'node-libvirt';
import { ApiError } from '../../model/error.js';
import type { VolumeAddress } from '../storage.js';

/** What a call to libvirt was about, for the parameters of an error. */
export interface Subject {
  /** Uuid of the domain. */
  readonly vm: string;
  /** States in lower case, comma between, that the operation needs; `running, paused` unless given. */
  readonly expected?: string;
  /** What the domain is known to be, for refusals because of its state; `halted` unless given. */
  readonly actual?: string;
  /** The drive or card that it was about. */
  readonly device?: { readonly class: 'VBD' | 'VIF'; readonly uuid: string };
  /** Bytes that the domain needs and that the host has. */
  readonly memory?: { readonly needed: number; readonly available: number };
  /** Finds the volume of a path that libvirt names. */
  readonly locate?: (path: string) => VolumeAddress | undefined;
}

/** libvirt's longest texts quote the end of QEMU's log: what a client shows needs an end. */
const LONGEST_TEXT = 1000;

/** Does work with libvirt; what it refuses becomes an error of the model. */
export async function asHost<T>(subject: Subject, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw hostError(thrown, subject);
  }
}

/** What was thrown by a call to libvirt, as an error of the model with libvirt's text. What does not come from libvirt stays as it is. */
export function hostError(thrown: unknown, subject: Subject): unknown {
  if (thrown instanceof LibvirtError)
    return byCode(thrown, subject) ?? byText(thrown.message, subject) ?? internal(thrown.message);
  if (thrown instanceof LibvirtClosed) return new ApiError('HOST_OFFLINE', '');
  if (thrown instanceof LibvirtTimeout || thrown instanceof LibvirtBusy) return internal(thrown.message);
  return thrown;
}

/** Whether libvirt has no domain of that uuid. */
export function isNoDomain(thrown: unknown): boolean {
  return thrown instanceof LibvirtError && thrown.code === ErrorCode.NO_DOMAIN;
}

/** Whether a call failed with one of these codes of libvirt. */
export function hasCode(thrown: unknown, ...codes: readonly number[]): boolean {
  return thrown instanceof LibvirtError && codes.includes(thrown.code);
}

function internal(text: string): ApiError {
  return new ApiError('INTERNAL_ERROR', `libvirt: ${text}`.slice(0, LONGEST_TEXT));
}

function badPower({ vm, expected = 'running, paused' }: Subject, actual: string): ApiError {
  return new ApiError('VM_BAD_POWER_STATE', vm, expected, actual);
}

function byCode({ code, message }: LibvirtError, subject: Subject): ApiError | undefined {
  const { vm, device } = subject;
  switch (code) {
    case ErrorCode.NO_DOMAIN:
      return badPower(subject, 'halted');
    case ErrorCode.OPERATION_INVALID:
      return stateRefused(message, subject);
    case ErrorCode.NO_MEMORY:
      return noMemory(subject);
    case ErrorCode.OPERATION_ABORTED:
      return new ApiError('TASK_CANCELLED', '');
    case ErrorCode.AGENT_UNRESPONSIVE:
    case ErrorCode.AGENT_UNSYNCED:
      return new ApiError('VM_LACKS_FEATURE', vm);
    case ErrorCode.DEVICE_MISSING:
      return device && new ApiError('DEVICE_ALREADY_DETACHED', device.uuid);
    case ErrorCode.RESOURCE_BUSY:
      return device && new ApiError('DEVICE_DETACH_REJECTED', device.class, device.uuid, message.slice(0, LONGEST_TEXT));
    case ErrorCode.OPERATION_TIMEOUT:
      // Another operation has the domain: libvirt waited half a minute for it.
      return /state change lock/.test(message) ? new ApiError('OTHER_OPERATION_IN_PROGRESS', 'VM', vm, '', '') : undefined;
    default:
      return undefined;
  }
}

function stateRefused(message: string, subject: Subject): ApiError | undefined {
  if (/not running|not active|is shut ?off/i.test(message)) return badPower(subject, 'halted');
  if (/already (?:running|active)|is (?:running|active)\b/i.test(message)) return badPower(subject, 'running');
  if (/is(?: already)? paused|not paused/i.test(message)) return badPower(subject, subject.actual ?? 'paused');
  return undefined;
}

function noMemory({ memory }: Subject): ApiError {
  return new ApiError('HOST_NOT_ENOUGH_FREE_MEMORY', String(memory?.needed ?? 0), String(memory?.available ?? 0));
}

/** Most failures of a start have the same code; only the text tells them apart. It is not translated: daemons run in the C locale. */
const TEXTS: readonly {
  readonly pattern: RegExp;
  readonly error: (subject: Subject, found: RegExpExecArray) => ApiError | undefined;
}[] = [
  { pattern: /cannot set up guest memory|cannot allocate memory|not enough memory/i, error: (subject) => noMemory(subject) },
  {
    pattern: /failed to get (?:shared )?"(?:write|consistent read)" lock|another process using the image/i,
    error: ({ locate }, { input }) => {
      const [, path] = /using the image \[([^\]]+)\]/i.exec(input) ?? /'(\/[^']*)'/.exec(input) ?? [];
      const volume = path === undefined ? undefined : locate?.(path);
      return new ApiError('VDI_IN_USE', volume?.location ?? '', 'attach');
    },
  },
  {
    pattern:
      /(?:cannot access (?:storage|backing) file|could not open|unable to (?:open|read)) '?(\/[^':]*)'?[\s\S]*no such file/i,
    error: missingVolume,
  },
  { pattern: /cannot access storage file '([^']*)'/i, error: missingVolume },
  {
    pattern:
      /(?:add bridge|tap interface to bridge|interface mtu on|bridge) '?([\w.:-]{1,15})'?[\s\S]*(?:no such device|not found|doesn't exist)/i,
    error: (_, [, bridge = '']) => new ApiError('BRIDGE_NOT_AVAILABLE', bridge),
  },
  {
    pattern: /guest agent is not (?:configured|connected|responding|available)|agent (?:is )?not (?:configured|connected)/i,
    error: ({ vm }) => new ApiError('VM_MISSING_PV_DRIVERS', vm),
  },
  { pattern: /no more available pcie? (?:slots|addresses)/i, error: ({ vm }) => new ApiError('VM_PCI_BUS_FULL', vm) },
  { pattern: /not running|domain is not active/i, error: (subject) => badPower(subject, 'halted') },
];

function missingVolume({ locate }: Subject, [, path = '']: RegExpExecArray): ApiError {
  const volume = locate?.(path);
  return volume === undefined ? new ApiError('VDI_MISSING', '', path) : new ApiError('VDI_MISSING', volume.sr, volume.location);
}

function byText(message: string, subject: Subject): ApiError | undefined {
  for (const { pattern, error } of TEXTS) {
    const found = pattern.exec(message);
    if (found) return error(subject, found);
  }
  return undefined;
}
