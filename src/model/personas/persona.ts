/** A map of text, in the order in which a record shows it. */
export type TextMap = Readonly<Record<string, string>>;

/**
 * What a pool says of itself: product, versions, licence, processor. Clients decide by these facts whether they connect
 * and what they offer. A persona changes no behaviour: every class and message of the model is there under each of them,
 * since no client that was looked at minds fields and classes that it does not know.
 */
export interface Persona {
  /** Name in the configuration, such as `xcp-ng-8.3`. */
  readonly id: string;
  readonly title: string;
  /**
   * host.software_version, the same on every host of a pool. `product_brand` decides whether XenCenter and its relatives
   * stay connected; `product_version` and `platform_version` are three numbers each, because Xen Orchestra and Ansible
   * take them apart; `xencenter_min` and `xencenter_max` are API versions that XenCenter compares with its own;
   * `db_schema`, `platform_version` and `product_brand` must be equal before XenCenter joins two pools.
   */
  readonly softwareVersion: TextMap;
  /** host.API_version_*. Clients of .NET speak JSON-RPC 1.0 below 2.8. XenCenter refuses below 2.6 and fails at 2.7. */
  readonly apiVersion: {
    readonly major: number;
    readonly minor: number;
    readonly vendor: string;
    readonly vendorImplementation: TextMap;
  };
  /**
   * host.license_params: `expiry`, `sku_marketing_name`, `productcode` and `serialnumber` are read unchecked by
   * OpenXenManager, and all restrictions are repeated here because XenCenter looks for them in each host.
   */
  readonly licenseParams: TextMap;
  /** pool.restrictions. A key that is absent counts as restricted in XenCenter. */
  readonly restrictions: TextMap;
  /** host.edition. `free`, `express` and `trial` make XenCenter ask for a licence again and again. */
  readonly edition: string;
  /** What host.apply_edition and pool.apply_edition accept. */
  readonly editions: readonly string[];
  /** host.license_server: `address` and `port` are read unchecked. */
  readonly licenseServer: TextMap;
  readonly brand: {
    /** As the product writes its own name. */
    readonly product: string;
    readonly company: string;
    /** Name of the storage repository with the guest tools. OpenXenManager hides `XenServer Tools` only. */
    readonly toolsRepository: string;
  };
  /** host.capabilities. Xen Orchestra and CloudStack want an entry that starts with `hvm`. */
  readonly capabilities: readonly string[];
  /** host.virtual_hardware_platform_versions. */
  readonly virtualHardwarePlatformVersions: readonly number[];
  /** host.supported_bootloaders. */
  readonly supportedBootloaders: readonly string[];
  /** host.chipset_info. */
  readonly chipsetInfo: TextMap;
  /**
   * host.cpu_info without the counts, which a host adds (`cpu_count`, `socket_count`). XenCenter compares `vendor` and
   * the feature words (hexadecimal, joined by hyphens) of hosts that are to share a pool.
   */
  readonly cpuInfo: TextMap;
}
