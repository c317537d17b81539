import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeTools } from '../testing/fake-tools.js';
import { InitiatorFile } from './initiator-file.js';

let directory: string;
let tools: FakeTools;
const at = (name: string): string => join(directory, name);
const initiator = () => new InitiatorFile(tools, { file: at('name'), pid: at('pid'), systemd: at('systemd') });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'initiator-'));
  tools = new FakeTools();
});
afterEach(() => rm(directory, { recursive: true }));

it('changes the name and nothing else, and has the daemon read it again', async () => {
  await writeFile(at('name'), '# of the installation\nInitiatorName=iqn.2020-01.example:old\nInitiatorAlias=here\n');
  expect(await initiator().name()).toBe('iqn.2020-01.example:old');
  await initiator().rename('iqn.2020-01.example:old');
  await initiator().rename('iqn.2020-01.example:new');
  expect(tools.calls).toEqual([]);
  expect(await readFile(at('name'), 'utf8')).toBe(
    '# of the installation\nInitiatorName=iqn.2020-01.example:new\nInitiatorAlias=here\n',
  );
  expect((await stat(at('name'))).mode & 0o777).toBe(0o600);

  await writeFile(at('pid'), `${process.pid}\n`);
  await mkdir(at('systemd'));
  await initiator().rename('iqn.2020-01.example:newer');
  expect(tools.calls).toEqual(['systemctl try-restart iscsid.service']);

  await rm(at('systemd'), { recursive: true });
  tools.calls.length = 0;
  tools.answers.set('iscsiadm', () => {
    // The daemon ends.
    void writeFile(at('pid'), '');
    return '';
  });
  await initiator().rename('iqn.2020-01.example:newest');
  expect(tools.calls).toEqual(['iscsiadm -k 0', 'iscsid']);
});

it('makes the file where there is none, and refuses what is no name', async () => {
  expect(await initiator().name()).toBe('');
  await initiator().rename('iqn.2020-01.example:first');
  expect(await readFile(at('name'), 'utf8')).toBe('InitiatorName=iqn.2020-01.example:first\n');
  await expect(initiator().rename('iqn.2020-01.example:a\nnode.x = y')).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_106' });
  tools.missing.add('iscsiadm');
  await expect(initiator().rename('iqn.2020-01.example:second')).rejects.toMatchObject({
    code: 'SR_BACKEND_FAILURE_70',
    params: ['', expect.stringContaining('open-iscsi'), ''],
  });
});
