import { existsSync, mkdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../drivers/sr-driver.js';
import { Iscsi } from '../iscsi/iscsi.js';
import { THIS_HOST } from '../lvm/lvm-host.js';
import { Mounts } from '../mounts/mounts.js';
import { Multipath } from '../multipath/multipath.js';
import { PathWatch } from '../multipath/path-watch.js';
import { FakeLiveDisks } from './fake-live-disks.js';
import { FakeTools } from './fake-tools.js';

/** A file server whose files are those of a directory, and a host that can mount them: as links. */
export interface FakeServer {
  /** Where its files are; `/vms` is exported. */
  readonly files: string;
  /** Where the host has what it mounts. */
  readonly points: string;
  readonly tools: FakeTools;
  readonly environment: Environment;
  remove(): Promise<void>;
}

/** Starts a server that serves what is mounted by `prefix` and a path, such as `nas:` or `//nas/share`. */
export async function fakeServer(prefix: string): Promise<FakeServer> {
  const directory = await mkdtemp(join(tmpdir(), 'server-'));
  const [files, runDirectory] = [join(directory, 'files'), join(directory, 'run')];
  await mkdir(join(files, 'vms'), { recursive: true });
  const tools = new FakeTools();
  tools.answers.set('mount', (args) => {
    const [point = '', source = ''] = [args.at(-1), args.at(-2)];
    const served = join(files, source.slice(prefix.length));
    if (!source.startsWith(prefix) || !existsSync(served)) return { complaint: `mount.nfs: mounting ${source} failed: no such` };
    rmdirSync(point);
    symlinkSync(served, point);
    return '';
  });
  tools.answers.set('umount', (args) => {
    const point = args.at(-1) ?? '';
    unlinkSync(point);
    mkdirSync(point);
    return '';
  });
  const live = new FakeLiveDisks();
  const multipath = new Multipath(tools);
  const iscsi = new Iscsi(tools, { runDirectory });
  const warn = (): void => undefined;
  const sources = { maps: () => multipath.maps(), sessions: async () => [] };
  return {
    files,
    points: join(runDirectory, 'sr-mount'),
    tools,
    environment: {
      live: () => live,
      warn,
      tools,
      mounts: new Mounts(runDirectory, tools, tools.table),
      iscsi,
      multipath,
      paths: new PathWatch(sources, warn),
      owner: async () => ({ user: 64_055, group: 104 }),
      lvm: THIS_HOST,
      coalescing: {},
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
