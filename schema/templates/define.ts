/** An amount of bytes as people write it, with a binary suffix: `512M`, `2G`. */
export type Amount = `${number}${'K' | 'M' | 'G' | 'T'}`;

/** A disk that is made when a VM is provisioned from the template. */
export interface TemplateDisk {
  readonly size: Amount;
  readonly bootable: boolean;
}

/**
 * What a template says of its VMs. Each thing that is left out comes from the base; maps are laid over the base's maps key
 * by key, and null takes a key away.
 */
export interface TemplateSettings {
  /** Name of the base. */
  readonly from?: string;
  /** Least memory. VMs start with twice as much. */
  readonly memory?: Amount;
  readonly vcpus?: number;
  /** Present on templates of full virtualisation: order of boot devices (`c` disk, `d` CD, `n` network) and firmware. */
  readonly boot?: { readonly order: string; readonly firmware: 'bios' | 'uefi' };
  /** Paravirtual guests instead have a boot loader, and arguments for the kernel. */
  readonly bootloader?: string;
  readonly kernelArguments?: string;
  readonly domainType?: 'hvm' | 'pv' | 'pv_in_pvh' | 'pvh';
  /** VM.platform. */
  readonly platform?: { readonly [key: string]: string | null };
  /** VM.other_config, without the keys that follow from the rest. */
  readonly otherConfig?: { readonly [key: string]: string | null };
  readonly disks?: readonly TemplateDisk[];
  /** The device through which Windows gets its drivers is recommended. */
  readonly hasVendorDevice?: boolean;
  /** `0:0` asks for a new one for each VM. */
  readonly generationId?: string;
  /** Limits that clients keep to when they make and change VMs. */
  readonly limits?: {
    readonly memory?: Amount;
    readonly vcpusMin?: number;
    readonly vcpusMax?: number;
    readonly disks?: number;
    readonly networks?: number;
  };
  /** Hardware that may be passed to the guest. */
  readonly allows?: { readonly gpu?: boolean; readonly vgpu?: boolean; readonly sriov?: boolean };
  /** Firmware that the guest starts with. Absent: nothing is said. */
  readonly supports?: { readonly bios: boolean; readonly uefi: boolean; readonly secureBoot: boolean };
}

/** A template of the product. Its uuid is the same in all pools: clients and scripts know them. */
export interface TemplateDefinition extends TemplateSettings {
  readonly uuid: string;
  readonly name: string;
  /** Name that does not change with the language or the next release; VMs keep it. */
  readonly reference: string;
}
