import { describe, expect, it } from 'vitest';
import { DiskUsers, writtenPaths } from './disk-users.js';

describe('who uses which disk', () => {
  it('is what was found last', () => {
    const users = new DiskUsers();
    users.put('one', ['/a', '/b'], users.begin());
    users.put('one', ['/b', '/c'], users.begin());
    expect(['/a', '/b', '/c'].map((path) => users.user(path))).toEqual([undefined, 'one', 'one']);
  });

  it('is not what a reading says that began earlier and came in later', () => {
    const users = new DiskUsers();
    const early = users.begin();
    users.put('one', ['/new'], users.begin());
    users.put('one', ['/old'], early);
    expect([users.user('/new'), users.user('/old')]).toEqual(['one', undefined]);
    const before = users.begin();
    users.drop('one');
    users.put('one', ['/new'], before);
    expect(users.user('/new')).toBeUndefined();
    users.put('one', ['/next'], users.begin());
    expect(users.user('/next')).toBe('one');
  });

  it('stays with the domain that a disk went to', () => {
    const users = new DiskUsers();
    users.put('one', ['/a'], users.begin());
    users.put('two', ['/a'], users.begin());
    users.drop('one');
    users.forget('one');
    expect(users.user('/a')).toBe('two');
  });

  it('counts what is written to, not media and not what lies below', () => {
    const xml = `<domain><uuid>a5a5a5a5-0000-4000-8000-000000000001</uuid><devices>
      <disk type='file' device='disk'><source file='/top'><x/></source><backingStore type='file'><source file='/below'/></backingStore><target dev='vda' bus='virtio'/></disk>
      <disk type='block' device='lun'><source dev='/dev/x'/><target dev='sda' bus='scsi'/></disk>
      <disk type='file' device='disk'><source file='/read'/><readonly/><target dev='vdb' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><source file='/iso'/><target dev='sdb' bus='sata'/><readonly/></disk>
      <disk type='file' device='cdrom'><target dev='sdc' bus='sata'/><readonly/></disk>
      <disk type='network' device='disk'><source protocol='nbd' name='x'/><target dev='vdc' bus='virtio'/></disk>
    </devices></domain>`;
    expect(writtenPaths(xml)).toEqual(['/top', '/dev/x']);
  });
});
