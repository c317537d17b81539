/** What a test wants of an OVF file. */
export interface TestEnvelope {
  readonly files?: string;
  readonly disks?: string;
  readonly guest?: string;
  readonly hardware?: string;
  /** Behind the hardware. */
  readonly more?: string;
  /** In place of `MegaBytes`. */
  readonly memoryUnit?: string;
}

/** An OVF file in the words of VMware: a VM with two processors and 192 MiB, and what a test adds. */
export function envelopeOf({
  files = '',
  disks = '',
  guest = '',
  hardware = '',
  more = '',
  memoryUnit = 'byte * 2^20',
}: TestEnvelope): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>${files}</References>
  <DiskSection><Info>Disks</Info>${disks}</DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="VM Network"/></NetworkSection>
  <VirtualSystem ovf:id="appliance">
    <Info>A VM</Info>
    <Name>From elsewhere &amp; here</Name>
    <OperatingSystemSection ovf:id="94" ${guest}><Info>System</Info></OperatingSystemSection>
    <AnnotationSection><Info>Notes</Info><Annotation>What it is for</Annotation></AnnotationSection>
    <VirtualHardwareSection>
      <Info>Hardware</Info>
      ${item({ id: 1, type: 3, more: '<rasd:VirtualQuantity>2</rasd:VirtualQuantity>' })}
      ${item({ id: 2, type: 4, more: `<rasd:AllocationUnits>${memoryUnit}</rasd:AllocationUnits><rasd:VirtualQuantity>192</rasd:VirtualQuantity>` })}
      ${hardware}
    </VirtualHardwareSection>
    ${more}
  </VirtualSystem>
</Envelope>`;
}

/** A device. */
export function item(of: {
  id: number;
  type: number;
  parent?: number;
  place?: number;
  more?: string;
  attributes?: string;
}): string {
  const { id, type, parent, place, more = '', attributes = '' } = of;
  return `<Item ${attributes}>
    ${place === undefined ? '' : `<rasd:AddressOnParent>${place}</rasd:AddressOnParent>`}
    <rasd:ElementName>device ${id}</rasd:ElementName><rasd:InstanceID>${id}</rasd:InstanceID>
    ${parent === undefined ? '' : `<rasd:Parent>${parent}</rasd:Parent>`}
    <rasd:ResourceType>${type}</rasd:ResourceType>${more}
  </Item>`;
}

/** A drive with a disk, at a place of a controller. */
export function drive(id: number, parent: number, place: number, disk: string): string {
  return item({ id, type: 17, parent, place, more: `<rasd:HostResource>ovf:/disk/${disk}</rasd:HostResource>` });
}

/** A card in a network. */
export function card(id: number, network: string): string {
  return item({
    id,
    type: 10,
    more: `<rasd:Connection>${network}</rasd:Connection><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>`,
  });
}

/** A setting of VMware's own. */
export function config(key: string, value: string): string {
  return `<vmw:Config ovf:required="false" vmw:key="${key}" vmw:value="${value}"/>`;
}
