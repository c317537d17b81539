import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { behindAdapters } from '../hba/adapters.js';
import { chosenHbaUnit } from '../hba/hba-steps.js';
import { sessionsOf } from '../iscsi/session-table.js';
import { disksOf, scsiIdOf } from './disks.js';
import { logicalUnits } from './logical-units.js';

let sys: string;
const put = async (path: string, content: string | Buffer): Promise<void> => {
  await mkdir(dirname(join(sys, path)), { recursive: true });
  await writeFile(join(sys, path), content);
};
/** A SCSI disk as the kernel shows it. */
const scsiDisk = async (
  name: string,
  address: string,
  wwid: string,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const [host] = address.split(':');
  const device = `devices/host${host}/${address}`;
  const all = { wwid: `${wwid}\n`, vendor: 'LIO-ORG \n', model: 'disk            \n', type: '0\n', ...facts };
  for (const [file, text] of Object.entries(all)) await put(`${device}/${file}`, text);
  await put(`${device}/vpd_pg80`, Buffer.concat([Buffer.from([0, 0x80, 0, 8]), Buffer.from('serial-1')]));
  await put(`block/${name}/size`, '2097152\n');
  await put(`block/${name}/ro`, '0\n');
  await put(`block/${name}/removable`, '0\n');
  await symlink(`../../${device}`, join(sys, 'block', name, 'device'));
};

beforeEach(async () => {
  sys = await mkdtemp(join(tmpdir(), 'sys-'));
});
afterEach(() => rm(sys, { recursive: true }));

describe('the disks of a host', () => {
  it('are those of its own, with what they say of themselves', async () => {
    await scsiDisk('sda', '2:0:1:3', 'naa.6001405AB');
    await put('block/vda/size', '100\n');
    await put('block/vda/serial', 'root disk\n');
    await put('block/vda/device/vendor', '0x1af4\n');
    await put('block/sr0/size', '0\n');
    for (const name of ['loop0', 'dm-0', 'ram1', 'md0', 'nbd0', 'zram0']) await put(`block/${name}/size`, '8\n');
    expect(await disksOf(sys)).toMatchObject([
      {
        name: 'sda',
        id: '36001405ab',
        vendor: 'LIO-ORG',
        model: 'disk',
        serial: 'serial-1',
        size: 2 ** 30,
        kind: 'disk',
        scsi: { host: 2, channel: '0', target: '1', lun: 3 },
      },
      { name: 'sr0', id: undefined, kind: 'cd', isRemovable: true, isReadOnly: true, size: 0 },
      { name: 'vda', id: 'root_disk', vendor: '', size: 51_200, scsi: undefined },
    ]);
  });

  it('have ids as clients know them', () => {
    expect(scsiIdOf('naa.6001405ABC')).toBe('36001405abc');
    expect(scsiIdOf('eui.0025385b71b0a1d2')).toBe('20025385b71b0a1d2');
    expect(scsiIdOf('t10.ATA     QEMU HARDDISK   QM00001 ')).toBe('1ATA_QEMU_HARDDISK_QM00001');
    expect(scsiIdOf('t10.../../x')).toBe('1.._.._x');
    expect(scsiIdOf('')).toBeUndefined();
  });

  it('are one logical unit when they have one id, by its multipath device where it has one', async () => {
    await scsiDisk('sda', '2:0:0:0', 'naa.aa');
    await scsiDisk('sdb', '3:0:0:0', 'naa.aa');
    await scsiDisk('sdc', '2:0:0:1', 'naa.bb');
    expect(logicalUnits(await disksOf(sys))).toMatchObject([
      { scsiId: '3aa', lun: 0, path: '/dev/sda', paths: ['sda', 'sdb'] },
      { scsiId: '3bb', lun: 1, path: '/dev/sdc', paths: ['sdc'] },
    ]);
    await mkdir(join(sys, 'block/sdb/holders/dm-0'), { recursive: true });
    await put('block/dm-0/dm/uuid', 'mpath-3aa\n');
    await put('block/dm-0/dm/name', 'mpatha\n');
    expect(logicalUnits(await disksOf(sys))[0]).toMatchObject({ path: '/dev/mapper/mpatha', paths: ['sda', 'sdb'] });
  });
});

describe('host bus adapters', () => {
  const adapter = (host: string, driver: string) => put(`class/scsi_host/${host}/proc_name`, `${driver}\n`);

  it('are those behind which a storage network is', async () => {
    await adapter('host0', 'ahci');
    await adapter('host1', 'lpfc');
    await adapter('host2', 'iscsi_tcp');
    await put('class/iscsi_host/host2/x', '');
    await scsiDisk('sda', '0:0:0:0', 'naa.aa');
    await scsiDisk('sdb', '1:0:0:0', 'naa.bb');
    await scsiDisk('sdc', '2:0:0:0', 'naa.cc');
    const { units, adapters } = await behindAdapters(sys);
    expect(adapters).toEqual([{ host: 'host1', name: 'lpfc', id: '1' }]);
    expect(units.map(({ scsiId }) => scsiId)).toEqual(['3bb']);
    expect(await chosenHbaUnit(new Map([['SCSIid', '3bb']]), sys)).toMatchObject({ path: '/dev/sdb' });
    await expect(chosenHbaUnit(new Map([['SCSIid', '3aa']]), sys)).rejects.toMatchObject({
      code: 'SR_BACKEND_FAILURE_90',
      params: ['', expect.any(String), expect.stringMatching(/<SCSIid>\s*3bb\s*<\/SCSIid>[\s\S]*<Adapter>\s*<host>\s*host1/)],
    });
  });

  it('may be missing', async () => {
    expect(await behindAdapters(sys)).toEqual({ units: [], adapters: [] });
  });
});

it('tells of the iSCSI sessions of a host', async () => {
  const session = 'devices/platform/host3/session7/iscsi_session/session7';
  await put(`${session}/targetname`, 'iqn.2024-01.example:a\n');
  await mkdir(join(sys, 'class/iscsi_session'), { recursive: true });
  await symlink(`../../${session}`, join(sys, 'class/iscsi_session/session7'));
  await put('class/iscsi_connection/connection7:0/persistent_address', '10.0.0.1\n');
  await put('class/iscsi_connection/connection7:0/persistent_port', '3260\n');
  expect(await sessionsOf(sys)).toEqual([{ iqn: 'iqn.2024-01.example:a', address: '10.0.0.1', port: '3260', host: 3 }]);
});
