import { readdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { type Finding, ok, warn } from './check.js';
import { isThere } from './programs.js';

/** A program with the package of Debian that has it. */
type Program = readonly [program: string, debian: string];

const ISCSI: Program = ['iscsiadm', 'open-iscsi'];
const LVM: Program = ['lvm', 'lvm2'];
const WIPE: Program = ['wipefs', 'util-linux'];

/** What kinds of SR need beyond what any disk does: programs, and parts of the kernel, each by the names that it may have. */
const NEEDS: readonly { readonly type: string; readonly programs: readonly Program[]; readonly kernel: readonly string[] }[] = [
  { type: 'ext', programs: [['mkfs.ext4', 'e2fsprogs'], WIPE], kernel: ['ext4'] },
  { type: 'xfs', programs: [['mkfs.xfs', 'xfsprogs'], WIPE], kernel: ['xfs'] },
  { type: 'lvm', programs: [LVM, WIPE], kernel: ['dm_mod'] },
  { type: 'nfs', programs: [['mount.nfs', 'nfs-common']], kernel: ['nfs'] },
  { type: 'smb', programs: [['mount.cifs', 'cifs-utils']], kernel: ['cifs'] },
  { type: 'iscsi', programs: [ISCSI], kernel: ['iscsi_tcp'] },
  { type: 'lvmoiscsi', programs: [ISCSI, LVM, WIPE], kernel: ['iscsi_tcp', 'dm_mod'] },
  { type: 'lvmohba', programs: [LVM, WIPE], kernel: ['dm_mod'] },
  { type: 'multipath', programs: [['multipathd', 'multipath-tools']], kernel: ['dm_multipath'] },
];

/** Where a host is looked at. */
export interface SrTypesPlaces {
  /** Directories of programs, as in PATH. */
  readonly path?: string;
  /** Where the modules of the running kernel are. */
  readonly modules?: string;
  /** Where the kernel tells of parts that it has loaded or built in. */
  readonly sys?: string;
  readonly proc?: string;
}

/** Which kinds of SR this host can have, and what the others lack. */
export async function checkSrTypes(places: SrTypesPlaces = {}): Promise<Finding> {
  const { path = process.env.PATH ?? '' } = places;
  const parts = await kernelParts(places);
  const lacking: string[] = [];
  const [packages, missingParts] = [new Set<string>(), new Set<string>()];
  for (const { type, programs, kernel } of NEEDS) {
    const there = await Promise.all(programs.map(([program]) => isThere(program, path)));
    const missing = programs.filter((_, index) => !there[index]);
    const absent = kernel.filter((part) => !parts.has(part));
    if (missing.length + absent.length === 0) continue;
    for (const [, debian] of missing) packages.add(debian);
    for (const part of absent) missingParts.add(part);
    lacking.push(`${type} (${[...missing.map(([program]) => program), ...absent.map((part) => `kernel: ${part}`)].join(', ')})`);
  }
  const able = NEEDS.filter(({ type }) => !lacking.some((text) => text.startsWith(`${type} `))).map(({ type }) => type);
  const subject = 'SR types';
  const possible = ['file', 'iso', 'udev', 'hba', ...able].join(', ');
  if (lacking.length === 0) return ok(subject, `${possible} are possible`);
  const advice = [
    ...(packages.size > 0 ? [`apt-get install ${[...packages].join(' ')}`] : []),
    ...(missingParts.size > 0
      ? [`boot a kernel that has ${[...missingParts].join(', ')}, such as that of linux-image-amd64`]
      : []),
  ].join('; ');
  return warn(subject, `${possible} are possible; ${lacking.join('; ')} lack something`, `where they are wanted: ${advice}`);
}

/** Names of what the kernel has: loaded, built in, or as a module that can be loaded. */
async function kernelParts(places: SrTypesPlaces): Promise<ReadonlySet<string>> {
  const { modules = join('/lib/modules', release()), sys = '/sys', proc = '/proc' } = places;
  const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const listed = await Promise.all(['modules.dep', 'modules.builtin'].map((name) => text(join(modules, name))));
  const names = listed.flatMap((list) => list.split('\n').map((line) => /([^/]+)\.ko/.exec(line.split(':')[0] ?? '')?.[1] ?? ''));
  const loaded = await readdir(join(sys, 'module')).catch((): string[] => []);
  // Kernels without modules tell of what is in them by what it does.
  const fileSystems = (await text(join(proc, 'filesystems'))).split('\n').map((line) => line.split('\t')[1] ?? '');
  const mapper = (await text(join(proc, 'misc'))).includes('device-mapper') ? ['dm_mod'] : [];
  return new Set([...names, ...loaded, ...fileSystems, ...mapper].map((name) => name.replaceAll('-', '_')));
}
