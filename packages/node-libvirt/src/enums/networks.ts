// Numbers that the protocol has for virtual networks, network filters and network interfaces of the host.

/** libvirt's `virNetworkXMLFlags`. */
export const NetworkXMLFlags = { INACTIVE: 0x1 } as const;

/** libvirt's `virConnectListAllNetworksFlags`. */
export const ConnectListAllNetworksFlags = {
  INACTIVE: 0x1,
  ACTIVE: 0x2,
  PERSISTENT: 0x4,
  TRANSIENT: 0x8,
  AUTOSTART: 0x10,
  NO_AUTOSTART: 0x20,
} as const;

/** libvirt's `virNetworkCreateFlags`. */
export const NetworkCreateFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virNetworkDefineFlags`. */
export const NetworkDefineFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virNetworkUpdateCommand`. */
export const NetworkUpdateCommand = { NONE: 0, MODIFY: 1, DELETE: 2, ADD_FIRST: 4 } as const;

/** libvirt's `virNetworkUpdateSection`. */
export const NetworkUpdateSection = {
  NONE: 0,
  BRIDGE: 1,
  DOMAIN: 2,
  IP: 3,
  IP_DHCP_HOST: 4,
  IP_DHCP_RANGE: 5,
  FORWARD: 6,
  FORWARD_INTERFACE: 7,
  FORWARD_PF: 8,
  PORTGROUP: 9,
  DNS_HOST: 10,
  DNS_TXT: 11,
  DNS_SRV: 12,
} as const;

/** libvirt's `virNetworkUpdateFlags`. */
export const NetworkUpdateFlags = { CURRENT: 0x0, LIVE: 0x1, CONFIG: 0x2 } as const;

/** libvirt's `virNetworkEventLifecycleType`. */
export const NetworkEventLifecycleType = { DEFINED: 0, UNDEFINED: 1, STARTED: 2, STOPPED: 3 } as const;

/** libvirt's `virNetworkEventID`. */
export const NetworkEventId = { LIFECYCLE: 0 } as const;

/** libvirt's `virIPAddrType`. */
export const IPAddrType = { IPV4: 0, IPV6: 1 } as const;

/** libvirt's `virNetworkPortCreateFlags`. */
export const NetworkPortCreateFlags = { RECLAIM: 0x1, VALIDATE: 0x2 } as const;

/** libvirt's `virNWFilterDefineFlags`. */
export const NWFilterDefineFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virNWFilterBindingCreateFlags`. */
export const NWFilterBindingCreateFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virConnectListAllInterfacesFlags`. */
export const ConnectListAllInterfacesFlags = { INACTIVE: 0x1, ACTIVE: 0x2 } as const;

/** libvirt's `virInterfaceXMLFlags`. */
export const InterfaceXMLFlags = { INACTIVE: 0x1 } as const;

/** libvirt's `virInterfaceDefineFlags`. */
export const InterfaceDefineFlags = { VALIDATE: 0x1 } as const;
