/** How domains of a libvirt host are made. */
export interface LibvirtOptions {
  /** libvirt's address, such as `qemu:///system`. */
  readonly uri: string;
  /** The same as other hosts of the pool reach it, who send domains there; `uri` unless given. */
  readonly migrationUri?: string | undefined;
  /** `auto`: kvm where it truly works, else qemu. */
  readonly domainType: 'auto' | 'kvm' | 'qemu';
  /** Directory of Unix sockets of screens and of fetched kernels; root's own. */
  readonly runDirectory: string;
  /** Whether `host.reboot` and `host.shutdown` may do so. */
  readonly powerControl: boolean;
}
