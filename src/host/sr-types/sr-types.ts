/** What clients learn of a kind of SR, on whatever host. */
export interface SrTypeFacts {
  readonly name: string;
  readonly description: string;
  /** device_config keys with what they are for. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** Whether several hosts may see one SR of the kind. */
  readonly shareable: boolean;
}

const LOCAL = { contentType: 'user', shareable: false } as const;
const SHARED = { contentType: 'user', shareable: true } as const;

const DEVICE = { device: 'path of the local block device, e.g. /dev/sdb' };
const TARGET = {
  target: 'address or host name of the iSCSI target',
  port: 'its port, 3260 by default',
  targetIQN: 'name of the target',
  SCSIid: 'SCSI id of the logical unit',
  chapuser: 'user name for CHAP',
  chappassword: 'password for CHAP',
  incoming_chapuser: 'user name that the target proves itself with',
  incoming_chappassword: 'password that the target proves itself with',
  multihomed: 'true to log in at every address of the target, false at one; as the host is set by default',
  multihomelist: 'further addresses of the target, address:port between commas',
};
const LOGICAL_UNIT = { SCSIid: 'SCSI id of the logical unit' };

/** The kinds of SR that clients know, with the keys that the original has for them. */
export const SR_TYPES = {
  lvm: { ...LOCAL, name: 'Local LVM', description: 'Logical volumes on a local disk', configuration: DEVICE },
  ext: { ...LOCAL, name: 'Local ext', description: 'Files on a local disk with an ext4 file system', configuration: DEVICE },
  xfs: { ...LOCAL, name: 'Local XFS', description: 'Files on a local disk with an XFS file system', configuration: DEVICE },
  file: {
    ...LOCAL,
    name: 'Local directory',
    description: 'Files in a directory of the host',
    configuration: { location: 'path of the directory' },
  },
  nfs: {
    ...SHARED,
    name: 'NFS',
    description: 'Files on an NFS server',
    configuration: {
      server: 'address or host name of the server',
      serverpath: 'exported path',
      nfsversion: 'version of the protocol, 3 or 4',
      options: 'further mount options',
    },
  },
  smb: {
    ...SHARED,
    name: 'SMB',
    description: 'Files on an SMB server',
    configuration: {
      server: 'share, e.g. \\\\server\\share',
      serverpath: 'directory in the share',
      username: 'user name',
      password: 'password',
    },
  },
  iso: {
    contentType: 'iso',
    shareable: true,
    name: 'ISO library',
    description: 'CD images on a file server or in a directory',
    configuration: {
      location: 'path of a directory, server:/path of NFS, or //server/share of SMB',
      type: 'nfs_iso or cifs',
      legacy_mode: 'true for a directory of the host, as older clients say it',
      nfsversion: 'version of NFS, 3 or 4',
      options: 'further mount options',
      iso_path: 'directory in the share',
      username: 'user name for SMB',
      cifspassword: 'password for SMB',
      vers: 'version of SMB, 1.0 or 3.0',
    },
  },
  lvmoiscsi: {
    ...SHARED,
    name: 'LVM over iSCSI',
    description: 'Logical volumes on an iSCSI logical unit',
    configuration: TARGET,
  },
  lvmohba: {
    ...SHARED,
    name: 'LVM over Fibre Channel',
    description: 'Logical volumes on a logical unit behind a host bus adapter',
    configuration: LOGICAL_UNIT,
  },
  iscsi: {
    ...SHARED,
    name: 'Raw iSCSI',
    description: 'Each logical unit of an iSCSI target as a disk',
    configuration: TARGET,
  },
  hba: {
    ...SHARED,
    name: 'Raw Fibre Channel',
    description: 'Each logical unit behind host bus adapters as a disk',
    configuration: LOGICAL_UNIT,
  },
  udev: {
    contentType: 'disk',
    shareable: false,
    name: 'Host devices',
    description: 'Removable media and drives of the host',
    configuration: { location: 'path of the directory of devices' },
  },
} as const satisfies Readonly<Record<string, SrTypeFacts>>;

/** Name of a kind of SR in the table. */
export type SrType = keyof typeof SR_TYPES;
