import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { errorSentences } from '../schema/error-sentences.js';
import { testPool } from './support/pool.js';
import { Xe } from './support/xe.js';

// A day of an administrator, from top to bottom: each step counts on those before it.
const pool = testPool({ emulate: 'hosts=2,vms=0' });
let xe: Xe;
let file: (name: string) => string;
beforeAll(() => {
  xe = new Xe(pool.daemon);
  file = (name) => join(pool.daemon.dataDir, name);
});

const known: Record<'pool' | 'master' | 'member' | 'data' | 'vm' | 'snapshot' | 'clone' | 'copy' | 'template', string> = {
  pool: '',
  master: '',
  member: '',
  data: '',
  vm: '',
  snapshot: '',
  clone: '',
  copy: '',
  template: '',
};

/** A record as lists print it. */
function record(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n\n\n`;
}

it('names the pool', async () => {
  known.pool = await xe.line('pool-list', '--minimal');
  await xe.does(
    'pool-param-set',
    `uuid=${known.pool}`,
    'name-label=production',
    'name-description=two hosts',
    'other-config:owner=ops',
  );
  known.master = await xe.line('pool-list', 'params=master', '--minimal');
  const sr = await xe.line('pool-param-get', `uuid=${known.pool}`, 'param-name=default-SR');
  await xe.prints(
    ['pool-list'],
    record(
      `uuid ( RO)                : ${known.pool}`,
      '          name-label ( RW): production',
      '    name-description ( RW): two hosts',
      `              master ( RO): ${known.master}`,
      `          default-SR ( RW): ${sr}`,
    ),
  );
  await xe.prints(['pool-param-get', `uuid=${known.pool}`, 'param-name=other-config', 'param-key=owner'], 'ops\n');
  await xe.refuses(['pool-param-set', `uuid=${known.pool}`, 'master=x'], "Error: Field 'master' is read-only.");
});

it('looks at the hosts and switches multipathing on', async () => {
  const hosts = (await xe.line('host-list', '--minimal')).split(',');
  expect(hosts).toHaveLength(2);
  known.member = hosts.find((host) => host !== known.master) ?? '';
  await xe.prints(
    ['host-list', `uuid=${known.member}`],
    record(
      `uuid ( RO)                : ${known.member}`,
      '          name-label ( RW): host-2',
      '    name-description ( RW): Default install',
    ),
  );
  for (const host of hosts) {
    await xe.does('host-disable', `uuid=${host}`);
    await xe.prints(['host-list', `uuid=${host}`, 'params=enabled'], record('enabled ( RO)    : false'));
    await xe.does('host-param-set', `uuid=${host}`, 'other-config:multipathing=true', 'other-config:multipathhandle=dmp');
    await xe.does('host-param-set', `uuid=${host}`, 'multipathing=true');
    await xe.does('host-enable', `uuid=${host}`);
    await xe.prints(['host-param-get', `uuid=${host}`, 'param-name=enabled'], 'true\n');
    await xe.prints(['host-param-get', `uuid=${host}`, 'param-name=other-config', 'param-key=multipathhandle'], 'dmp\n');
  }
  await xe.prints(['host-list', 'multipathing=true', 'params=name-label', '--minimal'], 'host-1,host-2\n');
  await xe.refuses(['host-disable'], 'Error: Multiple matching hosts found. --multiple required to complete the operation');
  await xe.refuses(['host-disable', 'host=host-9'], 'Error: No matching hosts found');
});

it('finds a LUN and makes an SR on it', async () => {
  const probe = await xe.run(['sr-probe', 'type=lvmohba']);
  expect({ ...probe, stderr: '' }).toEqual({ status: 1, stdout: '', stderr: '' });
  expect(probe.stderr).toMatch(
    /^Error code: SR_BACKEND_FAILURE_90\nError parameters: , .*, <\?xml version="1\.0" \?>\n<Devlist>\n/,
  );
  const scsiId = /<SCSIid>\s*(\w+)\s*<\/SCSIid>/.exec(probe.stderr)?.[1] ?? '';
  const config = [`device-config:SCSIid=${scsiId}`];
  await xe.refuses(['sr-create', 'name-label=data', 'type=lvmohba', ...config], 'Error: Required parameter not found: host-uuid');
  await xe.refuses(
    ['sr-create', 'name-label=data', 'type=none', 'shared=true'],
    errorSentences.SR_UNKNOWN_DRIVER,
    'driver: none',
  );
  known.data = await xe.makes('sr-create', 'name-label=data', 'type=lvmohba', 'shared=true', 'content-type=user', ...config);
  await xe.prints(
    ['sr-list', 'name-label=data'],
    record(
      `uuid ( RO)                : ${known.data}`,
      '          name-label ( RW): data',
      '    name-description ( RW): ',
      '                host ( RO): <shared>',
      '                type ( RO): lvmohba',
      '        content-type ( RO): user',
    ),
  );
  const found = await xe.run(['sr-probe', 'type=lvmohba', ...config]);
  expect(found).toMatchObject({ status: 0, stderr: '' });
  expect(found.stdout).toContain(known.data);
  await xe.does('pool-param-set', `uuid=${known.pool}`, `default-SR=${known.data}`);
});

it('disconnects a host from the SR and connects it again', async () => {
  const pbd = await xe.line('pbd-list', `sr-uuid=${known.data}`, `host-uuid=${known.member}`, '--minimal');
  for (const [command, attached] of [
    ['pbd-unplug', 'false'],
    ['pbd-plug', 'true'],
  ] as const) {
    await xe.does(command, `uuid=${pbd}`);
    await xe.prints(
      ['pbd-list', `uuid=${pbd}`, 'params=currently-attached'],
      record(`currently-attached ( RO)    : ${attached}`),
    );
  }
  await xe.does('sr-scan', `uuid=${known.data}`);
  await xe.refuses(['sr-destroy', `uuid=${known.data}`], errorSentences.SR_HAS_PBD, `sr: ${known.data} (data)`);
});

it('installs a VM from a template, with what its installer needs to know', async () => {
  const template = await xe.line('template-list', 'name-label=Debian Bookworm 12', '--minimal');
  await xe.refuses(['vm-install', 'template=none', 'new-name-label=web'], 'Error: No template has the name none');
  known.vm = await xe.makes('vm-install', `template=${template}`, 'new-name-label=web');
  const uuid = `uuid=${known.vm}`;
  await xe.does(
    'vm-param-set',
    uuid,
    'other-config:install-repository=http://deb.example/debian',
    'PV-args=console=hvc0 auto=true',
    'HVM-boot-policy=BIOS order',
    'HVM-boot-params:order=dc',
  );
  await xe.prints(
    ['vm-list', uuid, 'params=power-state,HVM-boot-policy,PV-args'],
    record(
      'power-state ( RO)        : halted',
      '    HVM-boot-policy ( RW): BIOS order',
      '            PV-args ( RW): console=hvc0 auto=true',
    ),
  );
  await xe.prints(['vm-param-get', uuid, 'param-name=HVM-boot-params', 'param-key=order'], 'dc\n');
  await xe.prints(
    ['vm-param-get', uuid, 'param-name=other-config', 'param-key=install-repository'],
    'http://deb.example/debian\n',
  );
});

it('gives it a card, disks and a CD', async () => {
  const network = await xe.line('network-list', 'bridge=xenbr0', '--minimal');
  const vif = await xe.makes('vif-create', `vm-uuid=${known.vm}`, `network-uuid=${network}`, 'device=0', 'mac=random');
  expect(await xe.line('vif-param-get', `uuid=${vif}`, 'param-name=MAC')).toMatch(/^.[26ae](:[0-9a-f]{2}){5}$/);
  await xe.refuses(
    ['vif-create', `vm-uuid=${known.vm}`, `network-uuid=${network}`, 'device=0'],
    errorSentences.DEVICE_ALREADY_EXISTS,
    'device: 0',
  );
  const vdi = await xe.makes('vdi-create', `sr-uuid=${known.data}`, 'name-label=extra', 'virtual-size=1GiB', 'type=user');
  await xe.prints(['vdi-param-get', `uuid=${vdi}`, 'param-name=virtual-size'], `${2 ** 30}\n`);
  const vbd = await xe.makes('vbd-create', `vm-uuid=${known.vm}`, `vdi-uuid=${vdi}`, 'device=1', 'bootable=false', 'mode=RW');
  await xe.prints(['vbd-list', `vdi-uuid=${vdi}`, 'params=userdevice,mode', '--minimal'], '1\n');
  await xe.prints(['vbd-param-get', `uuid=${vbd}`, 'param-name=currently-attached'], 'false\n');
  await xe.does('vm-disk-add', 'vm=web', 'device=2', 'disk-size=2GiB');
  await xe.prints(['cd-list', 'params=name-label', '--minimal'], 'guest-tools.iso\n');
  await xe.does('vm-cd-add', 'vm=web', 'cd-name=guest-tools.iso', 'device=3');
  await xe.prints(['vbd-list', `vm-uuid=${known.vm}`, 'params=userdevice', '--minimal'], '0,1,2,3\n');
  await xe.prints(['vm-cd-list', 'vm=web', 'vbd-params=userdevice', 'vdi-params=name-label', '--minimal'], 'guest-tools.iso,3\n');
});

it('starts it and shuts it down', async () => {
  await xe.does('vm-start', 'vm=web');
  await xe.prints(['vm-list', 'name-label=web', 'params=power-state', '--minimal'], 'running\n');
  await xe.refuses(
    ['vm-start', 'vm=web'],
    errorSentences.VM_BAD_POWER_STATE,
    `vm: ${known.vm} (web)`,
    'expected: halted',
    'actual: running',
  );
  await xe.does('vm-shutdown', 'vm=web');
  await xe.prints(['vm-param-get', `uuid=${known.vm}`, 'param-name=power-state'], 'halted\n');
});

it('goes back to a snapshot', async () => {
  known.snapshot = await xe.makes('vm-snapshot', 'vm=web', 'new-name-label=before');
  await xe.prints(
    ['snapshot-list', `snapshot-of=${known.vm}`],
    record(
      `uuid ( RO)                : ${known.snapshot}`,
      '          name-label ( RW): before',
      '    name-description ( RW): Installed with xe',
      '    is-vmss-snapshot ( RO): false',
    ),
  );
  await xe.does('vm-param-set', `uuid=${known.vm}`, 'name-description=spoiled');
  await xe.does('snapshot-revert', `snapshot-uuid=${known.snapshot}`);
  await xe.prints(['vm-param-get', `uuid=${known.vm}`, 'param-name=name-description'], 'Installed with xe\n');
});

it('makes more of it: a clone, a copy, a template', async () => {
  known.clone = await xe.makes('vm-clone', 'vm=web', 'new-name-label=web-clone');
  known.copy = await xe.makes('vm-copy', 'vm=web', 'new-name-label=web-copy', `sr-uuid=${known.data}`);
  await xe.prints(['vbd-list', `vm-uuid=${known.copy}`, 'type=Disk', 'params=userdevice', '--minimal'], '0,1,2\n');
  await xe.does('vm-param-set', `uuid=${known.clone}`, 'is-a-template=true');
  await xe.prints(['vm-list', `uuid=${known.clone}`], '');
  await xe.prints(['template-list', `uuid=${known.clone}`, 'params=name-label', '--minimal'], 'web-clone\n');
  known.template = await xe.makes('vm-install', 'template=web-clone', 'new-name-label=web-2');
  await xe.prints(['vm-list', 'params=name-label', 'is-control-domain=false', '--minimal'], 'web,web-copy,web-2\n');
});

it('takes a VM to a file and brings it back as another one', async () => {
  const extras = ['vdi-list', 'name-label=extra', `sr-uuid=${known.data}`, '--minimal'];
  const before = (await xe.line(...extras)).split(',');
  await xe.prints(['vm-export', 'vm=web', `filename=${file('web.xva')}`], 'Export succeeded\n');
  const brought = await xe.makes('vm-import', `filename=${file('web.xva')}`, `sr-uuid=${known.data}`);
  await xe.prints(['vbd-list', `vm-uuid=${brought}`, 'type=Disk', 'params=userdevice', '--minimal'], '0,1,2\n');
  expect((await xe.run(['vm-uninstall', `uuid=${brought}`, 'force=true'])).status).toBe(0);
  // A disk that was put into the VM later does not go with it, nor does its copy with the copy.
  const copies = (await xe.line(...extras)).split(',').filter((uuid) => !before.includes(uuid));
  expect(copies).toHaveLength(1);
  await xe.does('vdi-destroy', `uuid=${copies[0]}`);
});

it('hears what cannot be had yet, and of what is no VM', async () => {
  const source = join(pool.daemon.dataDir, 'addresses.json');
  expect(await xe.run(['vm-import', `filename=${source}`])).toMatchObject({ status: 1, stdout: '' });
  await xe.refuses(
    ['pool-ha-enable', `heartbeat-sr-uuids=${known.data}`],
    errorSentences.HA_NOT_INSTALLED,
    `host: ${known.master} (host-1)`,
  );
  await xe.refuses(
    ['pool-join', 'master-address=192.0.2.1', 'master-username=root', 'master-password=x'],
    errorSentences.JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS,
  );
  await xe.prints(['task-list', '--minimal'], '\n');
});

it('saves the database', async () => {
  await xe.does('pool-dump-database', `file-name=${file('dump.xml')}`);
  const dump = await readFile(file('dump.xml'), 'utf8');
  expect(dump).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<database>/);
  expect(dump.trimEnd()).toMatch(/<\/database>$/);
  expect(dump).toContain(known.vm);
  expect((await stat(file('dump.xml'))).mode & 0o777).toBe(0o600);
});

it('waits for a change that somebody makes', async () => {
  const waiting = xe.run(['event-wait', 'class=vm', `uuid=${known.vm}`, 'name-label=renamed']);
  const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(() => resolve('waiting'), 1000))]);
  expect(early).toBe('waiting');
  await xe.does('vm-param-set', `uuid=${known.vm}`, 'name-label=renamed');
  expect(await waiting).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('keeps a file with the pool, from a file and from a pipe', async () => {
  const blob = await xe.makes('blob-create', 'name=notes', `pool-uuid=${known.pool}`);
  await xe.prints(
    ['blob-put', `uuid=${blob}`, `filename=${join(pool.daemon.dataDir, 'addresses.json')}`],
    'Blob put succeeded\n',
  );
  await xe.prints(['blob-get', `uuid=${blob}`, `filename=${file('notes')}`], 'Blob get succeeded\n');
  expect(await readFile(file('notes'))).toEqual(await readFile(join(pool.daemon.dataDir, 'addresses.json')));
  const piped = await xe.run(['blob-put', `uuid=${blob}`, 'filename=/dev/stdin'], 'through a pipe\n'.repeat(10_000));
  expect(piped).toEqual({ status: 0, stdout: 'Blob put succeeded\n', stderr: '' });
  await xe.prints(['blob-get', `uuid=${blob}`, 'filename='], 'through a pipe\n'.repeat(10_000));
});

it('throws it all away, after a question', async () => {
  const uninstall = ['vm-uninstall', `uuid=${known.template}`];
  const refused = await xe.run(uninstall, 'no\n');
  expect(refused).toMatchObject({ status: 0, stderr: '' });
  const lines = refused.stdout.trimEnd().split('\n');
  expect(lines[1]).toBe(`VM : ${known.template} (web-2)`);
  expect(lines.slice(-2)).toEqual(["Type 'yes' to continue", "Aborted (you typed: 'no')"]);
  await xe.prints(['vm-list', `uuid=${known.template}`, '--minimal'], `${known.template}\n`);
  const done = await xe.run(uninstall, ' Yes \n');
  expect(done).toEqual({ status: 0, stdout: [...lines.slice(0, -1), 'All objects destroyed', ''].join('\n'), stderr: '' });
  await xe.prints(['vm-list', `uuid=${known.template}`, '--minimal'], '\n');
  for (const [words, first] of [
    [['vm-uninstall', `uuid=${known.vm}`], `VM : ${known.vm} (renamed)`],
    [['vm-uninstall', `uuid=${known.copy}`], `VM : ${known.copy} (web-copy)`],
    [['template-uninstall', `template-uuid=${known.clone}`], `VM : ${known.clone} (web-clone)`],
  ] as const) {
    const { status, stdout, stderr } = await xe.run([...words, '--force']);
    const told = stdout.split('\n');
    expect([status, stderr, ...told.slice(0, 2), ...told.slice(-2)]).toEqual([
      0,
      '',
      'These objects will be destroyed:',
      first,
      'All objects destroyed',
      '',
    ]);
  }
  await xe.prints(['vm-list', 'is-control-domain=false'], '');
  await xe.prints(['snapshot-list'], '');
  // A disk that was made by itself and put into the VM later is not destroyed with it; copies of it belong to the copies.
  const left = await xe.makes('vdi-list', `sr-uuid=${known.data}`, '--minimal');
  await xe.prints(['vdi-param-get', `uuid=${left}`, 'param-name=name-label'], 'extra\n');
  await xe.does('vdi-destroy', `uuid=${left}`);
  await xe.prints(['vdi-list', `sr-uuid=${known.data}`], '');
});
