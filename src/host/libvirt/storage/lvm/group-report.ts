import { z } from 'zod';
import { LvmError } from './lvm-error.js';

/** A volume of a group. Size in bytes. */
export interface LogicalVolume {
  readonly name: string;
  readonly size: number;
  readonly tags: ReadonlySet<string>;
  /** Whether it is a disk by itself: not a pool, nor a part of another volume. */
  readonly isDisk: boolean;
}

/** A device of a group. Sizes in bytes. */
export interface GroupDevice {
  readonly path: string;
  /** What the group takes of it. */
  readonly size: number;
  readonly deviceSize: number;
}

/** A volume group at one moment. Sizes in bytes. */
export interface GroupFacts {
  readonly name: string;
  readonly size: number;
  readonly free: number;
  readonly extentSize: number;
  readonly tags: ReadonlySet<string>;
  /** Whether several hosts have it, with a manager of locks between them. */
  readonly isShared: boolean;
  readonly devices: readonly GroupDevice[];
  readonly volumes: ReadonlyMap<string, LogicalVolume>;
}

const UNITS = ['--reportformat', 'json', '--units', 'b', '--nosuffix'];

/** The command that tells everything of a group at once: one call, whatever the number of volumes. */
export function groupReport(name: string): readonly string[] {
  const fields = (kind: string, list: string, selection: string[] = []): string[] => [
    '--configreport',
    kind,
    '-o',
    list,
    ...selection,
  ];
  return [
    ...['fullreport', ...UNITS, name],
    ...fields('vg', 'vg_name,vg_size,vg_free,vg_extent_size,vg_attr,vg_tags'),
    ...fields('lv', 'lv_name,lv_size,lv_attr,lv_tags'),
    ...fields('pv', 'pv_name,pv_size,dev_size'),
    // These cannot be left out, but nothing is selected by what never is.
    ...fields('seg', 'seg_start', ['-S', 'seg_start<0']),
    ...fields('pvseg', 'pvseg_start', ['-S', 'pvseg_start<0']),
  ];
}

const bytes = z.string().regex(/^\d+$/).transform(Number).pipe(z.int());
const tags = z.string().transform((text): ReadonlySet<string> => new Set(text === '' ? [] : text.split(',')));

const report = z.object({
  report: z.tuple([
    z.object({
      vg: z.tuple([
        z.object({
          vg_name: z.string(),
          vg_size: bytes,
          vg_free: bytes,
          vg_extent_size: bytes,
          vg_attr: z.string(),
          vg_tags: tags,
        }),
      ]),
      // Of a device that is missing, sizes may be.
      pv: z.array(z.object({ pv_name: z.string(), pv_size: bytes.catch(0), dev_size: bytes.catch(0) })),
      lv: z.array(z.object({ lv_name: z.string(), lv_size: bytes, lv_attr: z.string().min(5), lv_tags: tags })),
    }),
  ]),
});

/** Letters by which LVM says that a volume is no disk: pools, their parts, parts of mirrors and caches. */
const NO_DISK = /^[tTdDepiIl]/;

/** Reads what the command of `groupReport` printed. Throws LvmError. */
export function parseGroup(text: string): GroupFacts {
  const parsed = report.safeParse(asJson(text));
  if (!parsed.success) throw new LvmError('failed', `LVM reports something unknown: ${parsed.error.issues[0]?.message}`);
  const [{ vg, pv, lv }] = parsed.data.report;
  const [group] = vg;
  const volumes = lv.map(
    ({ lv_name, lv_size, lv_attr, lv_tags }): LogicalVolume => ({
      name: lv_name,
      size: lv_size,
      tags: lv_tags,
      isDisk: !NO_DISK.test(lv_attr),
    }),
  );
  return {
    name: group.vg_name,
    size: group.vg_size,
    free: group.vg_free,
    extentSize: group.vg_extent_size,
    tags: group.vg_tags,
    isShared: group.vg_attr[5] === 's',
    devices: pv.map(({ pv_name, pv_size, dev_size }) => ({ path: pv_name, size: pv_size, deviceSize: dev_size })),
    volumes: new Map(volumes.map((volume) => [volume.name, volume])),
  };
}

const openness = z.object({
  report: z.tuple([z.object({ lv: z.array(z.object({ lv_name: z.string(), lv_attr: z.string().min(6) })) })]),
});

/** The command that tells which volumes of a group this host has active, and which of them somebody has open. */
export function openReport(name: string): readonly string[] {
  return ['lvs', ...UNITS, '-o', 'lv_name,lv_attr', name];
}

/** Names of the volumes that are active and that nobody has open, from what the command of `openReport` printed. */
export function parseIdle(text: string): ReadonlySet<string> {
  const parsed = openness.safeParse(asJson(text));
  if (!parsed.success) throw new LvmError('failed', `LVM reports something unknown: ${parsed.error.issues[0]?.message}`);
  const idle = parsed.data.report[0].lv.filter(({ lv_attr }) => lv_attr[4] === 'a' && lv_attr[5] !== 'o');
  return new Set(idle.map(({ lv_name }) => lv_name));
}

/** The command that tells the names of groups, of one that is called so and of those with a tag. */
export function groupNamesReport({ tag, name }: { readonly tag?: string; readonly name: string }): readonly string[] {
  const tagged = tag === undefined ? '' : `vg_tags={"${tag}"} || `;
  return ['vgs', ...UNITS, '-o', 'vg_name', '--select', `${tagged}vg_name="${name}"`];
}

/** The command that tells which devices are parts of which group. */
export const DEVICES_REPORT: readonly string[] = ['pvs', ...UNITS, '-o', 'pv_name,vg_name'];

const groupNames = z.object({ report: z.tuple([z.object({ vg: z.array(z.object({ vg_name: z.string() })) })]) });
const devices = z.object({
  report: z.tuple([z.object({ pv: z.array(z.object({ pv_name: z.string(), vg_name: z.string() })) })]),
});

/** Names of groups, from what the command of `groupNamesReport` printed. */
export function parseGroupNames(text: string): readonly string[] {
  return groupNames.parse(asJson(text)).report[0].vg.map(({ vg_name }) => vg_name);
}

/** The group that each device is a part of, '' for none yet, from what the command of `DEVICES_REPORT` printed. */
export function parseDevices(text: string): ReadonlyMap<string, string> {
  return new Map(devices.parse(asJson(text)).report[0].pv.map(({ pv_name, vg_name }) => [pv_name, vg_name]));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LvmError('failed', 'LVM reports something that is no JSON');
  }
}
