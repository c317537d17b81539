import { BaseSequencer } from 'vitest/node';

/** Files that take more than a minute, the longest first. */
const LONGEST = [
  'crash-tests/kills.test.ts',
  'compat-tests/lab/storage-faults.lab.test.ts',
  'compat-tests/lab/nfs-srs.lab.test.ts',
  'compat-tests/lab/smb.lab.test.ts',
  'compat-tests/lab/lvm-srs.lab.test.ts',
  'compat-tests/lab/lvmoiscsi-sr.lab.test.ts',
  'compat-tests/lab/lvmohba-sr.lab.test.ts',
  'compat-tests/lab/device-srs.lab.test.ts',
  'src/host/libvirt/compute/compute.libvirt.test.ts',
  'compat-tests/kvm/disks.libvirt.test.ts',
  'src/host/libvirt/storage/lvm/device-mapper.lab.test.ts',
  'src/host/libvirt/storage/multipath/san.lab.test.ts',
  'compat-tests/kvm/disk-streams.libvirt.test.ts',
  'crash-tests/first-start.test.ts',
  'compat-tests/kvm/file-srs.libvirt.test.ts',
  'compat-tests/kvm/vm-life.libvirt.test.ts',
  'src/host/libvirt/compute/live/live.libvirt.test.ts',
  'src/host/libvirt/compute/faults.libvirt.test.ts',
  'compat-tests/kvm/faults.libvirt.test.ts',
  'compat-tests/kvm/ext-sr.libvirt.test.ts',
  'compat-tests/kvm/vm-files.libvirt.test.ts',
];

/** Begins with the files that take longest: one that begins last would keep one processor busy while the other has nothing to do. */
export class LongestFirst extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
