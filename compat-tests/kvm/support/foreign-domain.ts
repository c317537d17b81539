/** A domain as somebody might have written it for virsh, who knows nothing of the gateway. It has firmware and no system. */
export interface ForeignDomain {
  readonly name: string;
  readonly uuid: string;
  /** Path of a qcow2 disk. */
  readonly disk?: string;
  readonly mac?: string;
  /** In MiB. */
  readonly memory?: number;
  /** Elements of the domain, as XML. */
  readonly elements?: string;
  /** Further devices, as XML. */
  readonly devices?: string;
}

/** XML of such a domain. Names must be fit for XML as they are. */
export function foreignDomainXml(domain: ForeignDomain): string {
  const { name, uuid, disk, mac, memory = 32, elements = '', devices = '' } = domain;
  return `<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
    <name>${name}</name><uuid>${uuid}</uuid>
    <memory unit="MiB">${memory}</memory>
    <vcpu current="1">2</vcpu>
    <os><type arch="x86_64" machine="pc">hvm</type><boot dev="hd"/></os>
    <features><acpi/></features>
    ${elements}
    <devices>
      ${disk === undefined ? '' : diskXml(disk, 'vda')}
      ${mac === undefined ? '' : `<interface type="bridge"><mac address="${mac}"/><source bridge="xenbr0"/><model type="virtio"/></interface>`}
      ${devices}
    </devices>
  </domain>`;
}

function diskXml(path: string, target: string): string {
  return `<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${path}"/><target dev="${target}" bus="virtio"/></disk>`;
}
