import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { portalsOf } from '../../../sr-types/device-config.js';
import { Multipath } from '../multipath/multipath.js';
import { FakeTools } from '../testing/fake-tools.js';
import { visitor } from './held-targets.js';
import { Iscsi } from './iscsi.js';
import { chosenTargets, chosenUnit } from './iscsi-steps.js';
import { reachTargets } from './reach-targets.js';

const IQN = 'iqn.2024-01.example:a';

let directory: string;
let tools: FakeTools;
let server: Server;
let port: string;
const options = () => ({ runDirectory: join(directory, 'run'), sys: join(directory, 'sys'), records: join(directory, 'etc') });
/** What the program does with records: it has a file for each. */
const records = (args: readonly string[]): string => {
  const [iqn = '', address = ''] = [args[args.indexOf('-T') + 1], args[args.indexOf('-p') + 1]?.replace(/:(\d+)$/, ',$1')];
  const file = join(directory, 'etc/nodes', iqn, address);
  if (args.at(-1) === 'new') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '# BEGIN RECORD 2.1.8\nnode.name = x\nnode.session.auth.authmethod = None\n# END RECORD\n', {
      mode: 0o644,
    });
  }
  return '';
};
const sys = async (path: string, content: string): Promise<void> => {
  await mkdir(dirname(join(directory, 'sys', path)), { recursive: true });
  await writeFile(join(directory, 'sys', path), content);
};
const portal = { address: '127.0.0.1', port: '3260', iqn: IQN };

/** The kernel after a login: a session, and a logical unit behind it. */
async function logIn(): Promise<void> {
  const session = 'devices/platform/host3/session1/iscsi_session/session1';
  await sys(`${session}/targetname`, IQN);
  await mkdir(join(directory, 'sys/class/iscsi_session'), { recursive: true });
  await symlink(`../../${session}`, join(directory, 'sys/class/iscsi_session/session1'));
  await sys('class/iscsi_connection/connection1:0/persistent_address', '127.0.0.1');
  await sys('class/iscsi_connection/connection1:0/persistent_port', '3260');
  await sys('devices/host3/3:0:0:1/wwid', 'naa.6001405a');
  await sys('block/sdb/size', '2048');
  await symlink('../../devices/host3/3:0:0:1', join(directory, 'sys/block/sdb/device'));
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'iscsi-'));
  tools = new FakeTools();
  server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = String((server.address() as AddressInfo).port);
});
afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

const config = (values: Readonly<Record<string, string>>) => new Map(Object.entries({ target: '127.0.0.1', port, ...values }));

it('discovers targets by refusing what names none', async () => {
  const iscsi = new Iscsi(tools, options());
  tools.answers.set(
    'iscsiadm',
    () => `127.0.0.1:${port},1 ${IQN}\n[fe80::1]:3260,1 ${IQN}\nrubbish\n10.0.0.1:3260,1 ../../etc\n`,
  );
  await expect(chosenTargets(iscsi, config({}))).rejects.toMatchObject({
    code: 'SR_BACKEND_FAILURE_96',
    params: ['', expect.any(String), expect.stringMatching(/<TargetIQN>\s*iqn\.2024-01\.example:a\s*</)],
  });
  expect(tools.calls).toEqual([`iscsiadm -m discovery -t sendtargets -p 127.0.0.1:${port} -o nonpersistent`]);
  const chosen = await chosenTargets(iscsi, config({ targetIQN: IQN }));
  expect(chosen).toMatchObject({ iqns: [IQN], portals: [{ address: '127.0.0.1', port }], login: { isOneOfMany: false } });
  const many = await chosenTargets(iscsi, config({ targetIQN: IQN }), true);
  expect(many.portals.map(({ address }) => address)).toEqual(['127.0.0.1', 'fe80::1']);
  expect(many.login).toEqual({ chap: undefined, isOneOfMany: true });
});

it('tells what is wrong with a target that is none', async () => {
  const iscsi = new Iscsi(tools, options());
  const refused = (number: number) => ({ code: `SR_BACKEND_FAILURE_${number}` });
  await expect(chosenTargets(iscsi, new Map())).rejects.toMatchObject(refused(95));
  await expect(chosenTargets(iscsi, config({ port: '70000' }))).rejects.toMatchObject(refused(142));
  await expect(chosenTargets(iscsi, config({ target: 'no-such-host.invalid' }))).rejects.toMatchObject(refused(140));
  await expect(chosenTargets(iscsi, config({ chapuser: 'u', chappassword: 'a\nb' }))).rejects.toMatchObject(refused(1));
  tools.answers.set('iscsiadm', () => ({ complaint: 'iscsiadm: iSCSI driver tcp is not loaded. Load the module then retry' }));
  await expect(chosenTargets(iscsi, config({}))).rejects.toMatchObject({
    ...refused(71),
    params: ['', expect.stringContaining('linux-image-amd64'), ''],
  });
  server.close();
  await expect(chosenTargets(iscsi, config({}))).rejects.toMatchObject(refused(141));
  tools.missing.add('iscsiadm');
  await expect(chosenTargets(iscsi, config({}))).rejects.toMatchObject({
    params: ['', expect.stringContaining('open-iscsi'), ''],
  });
});

it('logs in once for all who hold a target, and out when nobody does', async () => {
  const iscsi = new Iscsi(tools, options());
  tools.answers.set('iscsiadm', records);
  await logIn();
  // Somebody else has logged in before: that is not ours to end.
  await iscsi.hold('first', [portal]);
  expect(await iscsi.appeared([IQN])).toMatchObject([{ scsiId: '36001405a', lun: 1, path: '/dev/sdb' }]);
  await iscsi.release('first', [IQN]);
  expect(tools.calls).toEqual([]);

  await rm(join(directory, 'sys/class'), { recursive: true });
  await rm(join(directory, 'sys/devices/platform'), { recursive: true });
  await rm(join(directory, 'sys/block'), { recursive: true });
  tools.answers.set('iscsiadm', (args) => {
    if (args.includes('--login')) throw new Error('to be told');
    return records(args);
  });
  await expect(iscsi.hold('first', [portal])).rejects.toThrow('to be told');
  const node = `iscsiadm -m node -T ${IQN} -p 127.0.0.1:3260`;
  expect(tools.calls).toEqual([`${node} -o new`, `${node} --login`, `${node} -o delete`, `${node} -o delete`]);

  tools.calls.length = 0;
  tools.answers.set('iscsiadm', records);
  await iscsi.hold('first', [portal]);
  const waiting = iscsi.appeared([IQN]);
  await logIn();
  expect(await waiting).toHaveLength(1);
  await iscsi.hold('second', [portal]);
  await iscsi.release('first', [IQN]);
  expect(tools.calls).toEqual([`${node} -o new`, `${node} --login`]);
  // The next process knows what this one has done.
  const leaving: string[] = [];
  const next = new Iscsi(tools, {
    ...options(),
    leaving: async (units) => {
      if (leaving.length === 0) leaving.push(...units.map(({ scsiId }) => scsiId));
      else throw new Error('in use');
    },
  });
  leaving.push('somebody');
  await expect(next.release('second', [IQN])).rejects.toThrow('in use');
  expect(tools.calls).toHaveLength(2);
  leaving.length = 0;
  await next.release('second', [IQN]);
  expect(leaving).toEqual(['36001405a']);
  expect(tools.calls.slice(2)).toEqual([`${node} --logout`, `${node} -o delete`]);
});

it('ends what a killed process has begun for a moment, and nothing else', async () => {
  tools.answers.set('iscsiadm', records);
  await new Iscsi(tools, options()).hold(visitor(), [portal]);
  const node = `iscsiadm -m node -T ${IQN} -p 127.0.0.1:3260`;
  await logIn();
  const next = new Iscsi(tools, options());
  await next.hold('sr', [portal]);
  tools.calls.length = 0;
  await next.tidy();
  expect(tools.calls).toEqual([]);
  await next.hold(visitor(), [portal]);
  await next.release('sr', [IQN]);
  await next.tidy();
  expect(tools.calls).toEqual([`${node} --logout`, `${node} -o delete`]);
});

it('makes do with the ways that there are to a target', async () => {
  const other = { ...portal, address: '127.0.0.9', port };
  const gone = { ...portal, address: '127.0.0.1', port: '1' };
  const iscsi = new Iscsi(tools, options());
  tools.answers.set('iscsiadm', (args) => {
    if (args.includes('--login')) throw new Error('no session');
    return records(args);
  });
  // One does not take connections, at the other nobody is let in.
  await expect(iscsi.hold('sr', [gone, { ...portal, port }], { isOneOfMany: true })).rejects.toThrow('no session');
  await expect(iscsi.hold('sr', [gone], { isOneOfMany: true })).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_141' });
  await logIn();
  tools.calls.length = 0;
  // There is a session already, and a second one may fail.
  await iscsi.hold('sr', [{ ...portal, port }, gone, other], { isOneOfMany: true });
  expect(tools.calls.filter((call) => call.includes('--login'))).toEqual([
    `iscsiadm -m node -T ${IQN} -p 127.0.0.1:${port} --login`,
  ]);
  tools.answers.set('iscsiadm', records);

  // What was missing is tried again for whoever still holds the target.
  tools.calls.length = 0;
  await iscsi.mend('sr', [gone], {});
  await iscsi.mend('nobody', [{ ...portal, port }], {});
  expect(tools.calls).toEqual([]);
  await iscsi.mend('sr', [{ ...portal, port }, gone], {});
  expect(tools.calls.filter((call) => call.includes('--login'))).toHaveLength(1);
  await iscsi.release('sr', [IQN]);
});

it('has multipathd know of a unit before its first path comes, and forget it when none does', async () => {
  const places = { ...options(), sys: join(directory, 'sys') };
  const access = { iscsi: new Iscsi(tools, places), multipath: new Multipath(tools), warn: () => undefined };
  tools.answers.set('multipathd', () => '{"maps":[]}');
  tools.answers.set('iscsiadm', (args) => {
    if (args.includes('discovery')) return `127.0.0.1:${port},1 ${IQN}\n`;
    if (args.includes('--login')) return { complaint: 'iscsiadm: Could not login to [portal]' };
    return records(args);
  });
  const given = config({ targetIQN: IQN, SCSIid: '36001405a' });
  await expect(reachTargets(access, 'sr', given, true)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_68' });
  const programs = tools.calls.map((call) => call.replace(/ -[Tp] \S+| -m node/g, ''));
  expect(programs.slice(2)).toEqual([
    ...['multipath -a 36001405a', 'iscsiadm -o new', 'iscsiadm --login', 'iscsiadm -o delete', 'iscsiadm -o delete'],
    'multipath -w 36001405a',
  ]);

  tools.answers.set('multipathd', () => ({ complaint: 'no daemon' }));
  await expect(reachTargets(access, 'sr', given, true)).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_430' });
});

it('has passwords in the records of open-iscsi alone', async () => {
  const file = join(directory, 'etc/nodes', IQN, '127.0.0.1,3260');
  const iscsi = new Iscsi(tools, options());
  tools.answers.set('iscsiadm', records);
  const incoming = { user: 'them', password: 'hunter3' };
  await iscsi.hold('sr', [portal], { chap: { user: 'u', password: 'hunter2', incoming } });
  expect(await readFile(file, 'utf8')).toBe(
    [
      '# BEGIN RECORD 2.1.8',
      'node.name = x',
      'node.startup = manual',
      'node.session.timeo.replacement_timeout = 120',
      'node.session.auth.authmethod = CHAP',
      'node.session.auth.username = u',
      'node.session.auth.password = hunter2',
      'node.session.auth.username_in = them',
      'node.session.auth.password_in = hunter3',
      '# END RECORD',
      '',
    ].join('\n'),
  );
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(tools.calls.join()).not.toContain('hunter');
});

it('knows the addresses of a target by several keys', () => {
  expect(
    portalsOf(config({ target: '10.0.0.1,nas', multihomelist: '10.0.0.1:3260,10.0.1.1:3261,[fe80::1]:3260', port: '' })),
  ).toEqual([
    { target: '10.0.0.1', port: '3260' },
    { target: 'nas', port: '3260' },
    { target: '10.0.1.1', port: '3261' },
    { target: 'fe80::1', port: '3260' },
  ]);
  expect(() => portalsOf(config({ multihomelist: '10.0.0.1:99999' }))).toThrow(/SR_BACKEND_FAILURE_142/);
});

it('chooses a logical unit by its id, number or serial number, or refuses with the list', () => {
  const unit = (lun: number) => ({ lun, scsiId: `3${lun}`, vendor: 'v', serial: `s${lun}`, size: 512 });
  const units = [unit(0), unit(1)];
  expect(chosenUnit(units, config({ SCSIid: '31' })).lun).toBe(1);
  expect(chosenUnit(units, config({ LUNid: '0' })).lun).toBe(0);
  expect(chosenUnit(units, config({ LUNSerial: 's1' })).lun).toBe(1);
  expect(() => chosenUnit(units, config({}))).toThrow(expect.objectContaining({ code: 'SR_BACKEND_FAILURE_107' }));
});
