import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeTools } from '../testing/fake-tools.js';
import { Iscsi } from './iscsi.js';
import { chosenTarget, chosenUnit } from './iscsi-steps.js';

const IQN = 'iqn.2024-01.example:a';

let directory: string;
let tools: FakeTools;
let server: Server;
let port: string;
const options = () => ({ runDirectory: join(directory, 'run'), sys: join(directory, 'sys'), records: join(directory, 'etc') });
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
  await expect(chosenTarget(iscsi, config({}))).rejects.toMatchObject({
    code: 'SR_BACKEND_FAILURE_96',
    params: ['', expect.any(String), expect.stringMatching(/<TargetIQN>\s*iqn\.2024-01\.example:a\s*</)],
  });
  expect(tools.calls).toEqual([`iscsiadm -m discovery -t sendtargets -p 127.0.0.1:${port} -o nonpersistent`]);
  const chosen = await chosenTarget(iscsi, config({ targetIQN: IQN }));
  expect(chosen).toMatchObject({ iqn: IQN, portals: [{ address: '127.0.0.1', port }], chap: undefined });
  expect((await chosenTarget(iscsi, config({ targetIQN: IQN }), true)).portals).toHaveLength(2);
});

it('tells what is wrong with a target that is none', async () => {
  const iscsi = new Iscsi(tools, options());
  const refused = (number: number) => ({ code: `SR_BACKEND_FAILURE_${number}` });
  await expect(chosenTarget(iscsi, new Map())).rejects.toMatchObject(refused(95));
  await expect(chosenTarget(iscsi, config({ port: '70000' }))).rejects.toMatchObject(refused(142));
  await expect(chosenTarget(iscsi, config({ target: 'no-such-host.invalid' }))).rejects.toMatchObject(refused(140));
  await expect(chosenTarget(iscsi, config({ chapuser: 'u', chappassword: 'a\nb' }))).rejects.toMatchObject(refused(1));
  tools.answers.set('iscsiadm', () => ({ complaint: 'iscsiadm: iSCSI driver tcp is not loaded. Load the module then retry' }));
  await expect(chosenTarget(iscsi, config({}))).rejects.toMatchObject({
    ...refused(71),
    params: ['', expect.stringContaining('linux-image-amd64'), ''],
  });
  server.close();
  await expect(chosenTarget(iscsi, config({}))).rejects.toMatchObject(refused(141));
  tools.missing.add('iscsiadm');
  await expect(chosenTarget(iscsi, config({}))).rejects.toMatchObject({
    params: ['', expect.stringContaining('open-iscsi'), ''],
  });
});

it('logs in once for all who hold a target, and out when nobody does', async () => {
  const iscsi = new Iscsi(tools, options());
  tools.answers.set('iscsiadm', () => '');
  await logIn();
  // Somebody else has logged in before: that is not ours to end.
  expect(await iscsi.hold('first', IQN, [portal])).toMatchObject([{ scsiId: '36001405a', lun: 1, path: '/dev/sdb' }]);
  await iscsi.release('first', IQN);
  expect(tools.calls).toEqual([]);

  await rm(join(directory, 'sys/class'), { recursive: true });
  await rm(join(directory, 'sys/devices/platform'), { recursive: true });
  await rm(join(directory, 'sys/block'), { recursive: true });
  tools.answers.set('iscsiadm', (args) => {
    if (args.includes('--login')) throw new Error('to be told');
    return '';
  });
  await expect(iscsi.hold('first', IQN, [portal])).rejects.toThrow('to be told');
  const node = `iscsiadm -m node -T ${IQN} -p 127.0.0.1:3260`;
  expect(tools.calls).toEqual([`${node} -o new`, `${node} --login`, `${node} -o delete`, `${node} -o delete`]);

  tools.calls.length = 0;
  tools.answers.set('iscsiadm', () => '');
  const holding = iscsi.hold('first', IQN, [portal]);
  await logIn();
  expect(await holding).toHaveLength(1);
  await iscsi.hold('second', IQN, [portal]);
  await iscsi.release('first', IQN);
  expect(tools.calls).toEqual([`${node} -o new`, `${node} --login`]);
  // The next process knows what this one has done.
  await new Iscsi(tools, options()).release('second', IQN);
  expect(tools.calls.slice(2)).toEqual([`${node} --logout`, `${node} -o delete`]);
});

it('has passwords in the records of open-iscsi alone', async () => {
  const file = join(directory, 'etc/nodes', IQN, '127.0.0.1,3260');
  const iscsi = new Iscsi(tools, options());
  let record = '';
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '# BEGIN RECORD 2.1.8\nnode.name = x\nnode.session.auth.authmethod = None\n# END RECORD\n', {
    mode: 0o644,
  });
  tools.answers.set('iscsiadm', () => '');
  const holding = iscsi.hold('sr', IQN, [portal], { user: 'u', password: 'hunter2' });
  await logIn();
  await holding;
  record = await readFile(file, 'utf8');
  expect(record).toBe(
    [
      '# BEGIN RECORD 2.1.8',
      'node.name = x',
      'node.session.auth.authmethod = CHAP',
      'node.session.auth.username = u',
      'node.session.auth.password = hunter2',
      '# END RECORD',
      '',
    ].join('\n'),
  );
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(tools.calls.join()).not.toContain('hunter2');
});

it('chooses a logical unit by its id, number or serial number, or refuses with the list', () => {
  const unit = (lun: number) => ({ lun, scsiId: `3${lun}`, vendor: 'v', serial: `s${lun}`, size: 512 });
  const units = [unit(0), unit(1)];
  expect(chosenUnit(units, config({ SCSIid: '31' })).lun).toBe(1);
  expect(chosenUnit(units, config({ LUNid: '0' })).lun).toBe(0);
  expect(chosenUnit(units, config({ LUNSerial: 's1' })).lun).toBe(1);
  expect(() => chosenUnit(units, config({}))).toThrow(expect.objectContaining({ code: 'SR_BACKEND_FAILURE_107' }));
});
