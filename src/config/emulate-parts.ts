import { z } from 'zod';
import { DRIVERS } from '../host/emulated/storage/drivers.js';
import { ApiError } from '../model/error.js';
import { shippedTemplates } from '../model/templates/vm-template.js';
import { countOrList, strict, yesOrNo } from './emulate-values.js';
import { byteSize, duration, oneOf, parsed, show, text, wholeNumber } from './values.js';

export const MiB = 2 ** 20;
export const GiB = 2 ** 30;
export const TiB = 2 ** 40;

/** 64 hosts is what the original allows in a pool; 20,000 VMs is four times the largest pool that we measure. */
export const MOST_HOSTS = 64;
export const MOST_VMS = 20_000;
/** Far above what any pool has, low enough to catch a mistyped number. */
export const MOST_SRS = 500;
export const MOST_NETWORKS = 500;
/** What a host, a VM, a CD library can have of each; the positions of a VM's devices end there. */
export const MOST_NICS = 64;
const MOST_VM_NICS = 7;
const MOST_DISKS = 64;
const MOST_IMAGES = 1000;

/** The longest that an emulated operation may take: an hour is longer than any client waits. */
const LONGEST_DELAY = 60 * 60_000;

const label = text('a text of up to 255 characters', 255);
/** Text that may also be empty or have several lines. */
const description = parsed('a text of up to 4096 characters', (raw) =>
  typeof raw === 'string' && raw.length <= 4096 ? raw : undefined,
);

export const hostMemory = byteSize(GiB, 64 * TiB);
export const hostCpus = wholeNumber(1, 1024);
export const srSize = byteSize(GiB, 8192 * TiB);
export const vmMemory = byteSize(16 * MiB, TiB);
export const vmVcpus = wholeNumber(1, 64);
export const vmDisk = byteSize(0, 16 * TiB - MiB);
export const delay = duration(LONGEST_DELAY);

const nic = strict({ carrier: yesOrNo.default(true), speed: wholeNumber(0, 1_000_000).default(10_000) });

const hostname = parsed('a host name of letters, digits, dots and dashes', (raw) =>
  typeof raw === 'string' && /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(raw) ? raw : undefined,
);

/** One host. */
export const host = strict({
  name: label.optional(),
  hostname: hostname.optional(),
  memory: hostMemory.optional(),
  cpus: hostCpus.optional(),
  nics: countOrList(wholeNumber(1, MOST_NICS), nic, MOST_NICS).optional(),
});

/** One network of the pool. */
export const network = strict({
  name: label,
  description: description.default(''),
  /** Number of the NIC of each host that it leads to; a network inside each host without it. */
  nic: wholeNumber(0, MOST_NICS - 1).optional(),
  vlan: wholeNumber(1, 4094).optional(),
  mtu: wholeNumber(68, 9216).default(1500),
});

const image = strict({ name: label, size: byteSize(0, TiB).default(650 * MiB) });

/** A place for an SR, in the words of its driver. */
const deviceConfig = z.record(
  z.string().max(255),
  parsed('a text', (raw) => (typeof raw === 'string' || typeof raw === 'number' ? String(raw).slice(0, 4096) : undefined)),
);

/** One SR, or with `shared: false` and no host, one for each host. */
export const sr = strict({
  name: label,
  description: description.default(''),
  type: oneOf([...DRIVERS.keys()]),
  shared: yesOrNo.optional(),
  /** Number of the only host that has it. */
  host: wholeNumber(0, MOST_HOSTS - 1).optional(),
  size: srSize.optional(),
  'device-config': deviceConfig.optional(),
  /** CD images that are in it from the start. */
  images: z.array(image).max(MOST_IMAGES).default([]),
}).superRefine(({ type, shared = false, host: only, 'device-config': config }, context) => {
  const driver = DRIVERS.get(type);
  const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  if (shared && driver?.shareable === false) complain('shared', `an SR of type ${type} belongs to one host`);
  if (shared && only !== undefined) complain('host', 'a shared SR is on all hosts');
  try {
    if (config) driver?.check(new Map(Object.entries(config)));
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    complain('device-config', thrown.params[1] ?? thrown.code);
  }
});

const disk = strict({ name: label.optional(), size: vmDisk.optional(), sr: label.optional() });

const template = parsed('the reference label of a shipped template, such as debian-12 or other-install-media', (raw) =>
  shippedTemplates().some(({ fields }) => fields.reference_label === raw) ? String(raw) : undefined,
);

const states = ['Halted', 'Running', 'Paused', 'Suspended'] as const;

/** A group of VMs that are alike. */
export const vmGroup = strict({
  count: wholeNumber(0, MOST_VMS).default(1),
  /** `{n}` is the number of the VM in its group. */
  name: label.optional(),
  description: description.default(''),
  template: template.optional(),
  /** State of all of them; else so many run, are suspended, are paused, and the others are halted. */
  state: oneOf(states).optional(),
  running: wholeNumber(0, MOST_VMS).optional(),
  suspended: wholeNumber(0, MOST_VMS).optional(),
  paused: wholeNumber(0, MOST_VMS).optional(),
  memory: vmMemory.optional(),
  vcpus: vmVcpus.optional(),
  disks: countOrList(wholeNumber(0, MOST_DISKS), disk, MOST_DISKS).optional(),
  networks: countOrList(wholeNumber(0, MOST_VM_NICS), label, MOST_VM_NICS).optional(),
  cd: yesOrNo.default(true),
  tools: yesOrNo.optional(),
  /** Number of the host that they are meant for; else they are spread over all. */
  host: wholeNumber(0, MOST_HOSTS - 1).optional(),
}).superRefine(({ count, state, running = 0, suspended = 0, paused = 0 }, context) => {
  const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  const counted = running + suspended + paused;
  if (state !== undefined && counted > 0) complain('state', 'is said of all VMs of the group, so none can be counted besides');
  if (counted > count)
    complain('count', `running=${running}, suspended=${suspended} and paused=${paused} are more than count=${show(count)}`);
});

/** How long each operation takes. */
export const delays = strict({
  start: delay.optional(),
  shutdown: delay.optional(),
  reboot: delay.optional(),
  suspend: delay.optional(),
  resume: delay.optional(),
  migrate: delay.optional(),
  tools: delay.optional(),
  'host-boot': delay.optional(),
});
