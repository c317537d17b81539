import { z } from 'zod';
import {
  delay,
  delays,
  host,
  hostCpus,
  hostMemory,
  MOST_HOSTS,
  MOST_NETWORKS,
  MOST_NICS,
  MOST_SRS,
  MOST_VMS,
  network,
  sr,
  srSize,
  vmDisk,
  vmGroup,
  vmMemory,
  vmVcpus,
} from './emulate-parts.js';
import { countOrList, strict, yesOrNo } from './emulate-values.js';
import { faultRules } from './fault-rule.js';
import { show, text, wholeNumber } from './values.js';

/** What can be said of an emulated pool, on the command line as far as it is text, and in a file. */
const description = strict({
  hosts: countOrList(wholeNumber(1, MOST_HOSTS), host, MOST_HOSTS).optional(),
  vms: countOrList(wholeNumber(0, MOST_VMS), vmGroup, 1000).optional(),
  running: wholeNumber(0, MOST_VMS).optional(),
  suspended: wholeNumber(0, MOST_VMS).optional(),
  srs: countOrList(wholeNumber(0, 64), sr, MOST_SRS).optional(),
  networks: countOrList(wholeNumber(1, MOST_NICS), network, MOST_NETWORKS).optional(),
  'vm-memory': vmMemory.optional(),
  'vm-vcpus': vmVcpus.optional(),
  'vm-disk': vmDisk.optional(),
  'host-memory': hostMemory.optional(),
  'host-cpus': hostCpus.optional(),
  'sr-size': srSize.optional(),
  delay: delay.optional(),
  delays: delays.optional(),
  tools: yesOrNo.optional(),
  seed: text('a text of up to 255 characters', 255).or(z.number().transform(String)).optional(),
  faults: faultRules.optional(),
});

/** What somebody said of an emulated pool; keys that nobody named are absent. Sizes in bytes, times in milliseconds. */
export type EmulateInput = z.output<typeof description>;
export type EmulateKey = keyof EmulateInput;

/** Keys that can be said in short, with what they mean and what holds for those that are left out. */
export const shortKeys: Readonly<Partial<Record<EmulateKey, readonly [help: string, otherwise: string]>>> = {
  hosts: ['hosts', '1'],
  vms: ['VMs, each with one disk, one CD drive, one NIC', '0'],
  running: ['how many of the VMs run', '0'],
  suspended: ['how many of the VMs are suspended', '0'],
  srs: ['shared SRs, beside the local one of each host', '1'],
  networks: ['networks with a NIC of each host', '1'],
  'vm-memory': ['memory of a VM', '1GiB'],
  'vm-vcpus': ['virtual CPUs of a VM', '1'],
  'vm-disk': ['size of the disk of a VM', '8GiB'],
  'host-memory': ['memory of a host', '64GiB, or what its VMs need'],
  'host-cpus': ['CPUs of a host', '16'],
  'sr-size': ['size of an SR', '2TiB, or what the disks need'],
  delay: ['time that a power operation takes', '0'],
  tools: ['whether guests have tools', 'true'],
  seed: ['makes uuids, MAC addresses of hosts and faults the same every time', 'none'],
};

/** Keys that say how a pool behaves; the others shape a new one. */
const BEHAVIOUR: ReadonlySet<string> = new Set(['delay', 'delays', 'tools', 'seed', 'faults']);

/** Whether anything is said of the shape of a new pool. */
export function hasShape(input: EmulateInput): boolean {
  return Object.keys(input).some((key) => !BEHAVIOUR.has(key));
}

/** `hosts=2,vms=4,vm-memory=2GiB`, or a map with the same keys in which some may be lists. Unknown keys are refused. */
export const emulateSchema: z.ZodType<EmulateInput> = z.unknown().transform((raw, context): EmulateInput => {
  const complain = (message: string): void => context.addIssue({ code: 'custom', message });
  const given = typeof raw === 'string' ? fromText(raw, complain) : raw;
  if (given === undefined) return z.NEVER;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    complain(`expected hosts=N,vms=N,… or a map, got ${show(raw)}`);
    return z.NEVER;
  }
  const { success, data, error } = description.safeParse(given);
  if (success) return data;
  for (const { message, path } of error.issues) context.addIssue({ code: 'custom', message, path: [...path] });
  return z.NEVER;
});

/** Text of the short form, as a map. Undefined after a complaint. */
function fromText(textual: string, complain: (message: string) => void): Record<string, string> | undefined {
  const entries = new Map<string, string>();
  for (const part of textual.split(',').filter((piece) => piece.trim() !== '')) {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      complain(`expected KEY=VALUE, got ${show(part)}`);
      return undefined;
    }
    if (entries.has(name)) {
      complain(`${name} is given twice`);
      return undefined;
    }
    entries.set(name, value);
  }
  return Object.fromEntries(entries);
}
