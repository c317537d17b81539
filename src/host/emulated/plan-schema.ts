import { z } from 'zod';
import { isErrorCode } from '../../model/error.js';
import { MAX_FAULT_RULES } from './faults.js';
import { size, whole, yesNo } from './plan-size.js';
import { DRIVERS } from './storage/drivers.js';

/** Most of each that one world may hold: far above the largest real pool, low enough to catch a mistyped number. */
const MOST_HOSTS = 64;
const MOST_SRS = 1000;
const MOST_NETWORKS = 500;
const MOST_VMS = 20_000;
const MOST_NICS = 16;
const MOST_DISKS = 64;
/** Longest delay in milliseconds: a day. */
const LONGEST = 86_400_000;

const milliseconds = whole(0, LONGEST);
const share = z.number().min(0).max(1);
const text = z.string().max(255);

/** A number of things with defaults, or the list of them. */
function countOr<T extends z.ZodType>(item: T, most: number) {
  return z.union([whole(0, most), z.array(item).max(most)]);
}

const nic = z.strictObject({ carrier: yesNo.default(true), speed: z.int().min(0).default(1000) });

const host = z.strictObject({
  name: text.optional(),
  hostname: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .optional(),
  memory: size.optional(),
  cpu: z
    .strictObject({
      sockets: z.int().min(1).max(16).default(2),
      coresPerSocket: z.int().min(1).max(128).default(8),
      threadsPerCore: z.int().min(1).max(4).default(2),
    })
    .optional(),
  nics: countOr(nic, MOST_NICS).optional(),
});

const iso = z.strictObject({
  name: z.string().regex(/^[\w .-]{1,128}$/),
  description: text.default(''),
  size: size.default(650 * 2 ** 20),
});

const sr = z.strictObject({
  type: z.string().refine((type) => DRIVERS.has(type), { error: `is none of ${[...DRIVERS.keys()].join(', ')}` }),
  name: text.min(1),
  description: text.default(''),
  shared: yesNo.default(false),
  host: z.int().min(0).optional(),
  size: size.optional(),
  deviceConfig: z.record(z.string(), z.string()).optional(),
  isos: z.array(iso).max(1000).default([]),
});

const network = z.strictObject({
  name: text.min(1),
  description: text.default(''),
  nic: z.int().min(0).optional(),
  vlan: z.int().min(1).max(4094).optional(),
  mtu: z.int().min(68).max(9216).default(1500),
});

const state = z.enum(['Running', 'Halted', 'Paused', 'Suspended']);

const disk = z.strictObject({ size: size.default(8 * 2 ** 30), sr: text.optional(), name: text.optional() });

const vms = z.strictObject({
  count: whole(0, MOST_VMS).default(1),
  name: text.default('vm-{n}'),
  description: text.default(''),
  states: z.array(state).min(1).optional(),
  running: whole(0, MOST_VMS).optional(),
  vcpus: whole(1, 64).default(1),
  memory: size.default(2 ** 30),
  disks: countOr(disk, MOST_DISKS).default(1),
  nics: z.union([whole(0, 7), z.array(text).max(7)]).default(1),
  cd: yesNo.default(true),
  tools: yesNo.optional(),
  windows: yesNo.default(false),
});

const fault = z
  .strictObject({
    message: z.string().min(1),
    object: z.string().default('*'),
    probability: share.default(1),
    error: z
      .strictObject({
        code: z.string().refine(isErrorCode, { error: 'is no error code of the API' }),
        params: z.array(z.string()).default([]),
      })
      .optional(),
    delay: milliseconds.optional(),
  })
  .refine((rule) => rule.error !== undefined || rule.delay !== undefined, { error: 'needs an error or a delay' });

const delays = z.strictObject({
  start: milliseconds.optional(),
  shutdown: milliseconds.optional(),
  reboot: milliseconds.optional(),
  suspend: milliseconds.optional(),
  resume: milliseconds.optional(),
  migrate: milliseconds.optional(),
  tools: milliseconds.optional(),
  hostBoot: milliseconds.optional(),
});

/** What an emulation file may say; the flag `--emulate` gives the same keys. */
export const planSchema = z.strictObject({
  hosts: z.union([whole(1, MOST_HOSTS), z.array(host).min(1).max(MOST_HOSTS)]).default(1),
  hostMemory: size.optional(),
  nics: countOr(nic, MOST_NICS).default(2),
  srs: countOr(sr, MOST_SRS).optional(),
  networks: countOr(network, MOST_NETWORKS).optional(),
  vms: z.union([whole(0, MOST_VMS), vms, z.array(vms).max(1000)]).default(0),
  running: whole(0, MOST_VMS).optional(),
  vcpus: vms.shape.vcpus.unwrap().optional(),
  memory: size.optional(),
  diskSize: size.optional(),
  delay: milliseconds.optional(),
  delays: delays.default({}),
  tools: yesNo.default(true),
  faults: z.array(fault).max(MAX_FAULT_RULES).default([]),
  seed: z.union([text, z.number().transform(String)]).optional(),
});

export type PlanInput = z.infer<typeof planSchema>;
export type VmGroupInput = z.infer<typeof vms>;
export type HostInput = z.infer<typeof host>;
export type SrInput = z.infer<typeof sr>;
export type NicInput = z.infer<typeof nic>;
export { nic as nicSchema, vms as vmGroupSchema };
