import { describe, expect, it } from 'vitest';
import { crashdumpRecord, findRecordClass, recordClass, recordClasses } from './classes.js';
import type { Access, Field } from './record-class.js';

type Counts = Partial<Record<Access, number>>;

const VM: Counts = { RO: 48, RW: 36, SRO: 6, SRW: 1, MRO: 11, MRW: 7 };

/** Every class in its order: its class of the API, and how many fields it has under each label. */
const CLASSES: readonly (readonly [name: string, of: string, counts: Counts])[] = [
  ['pool', 'pool', { RO: 28, RW: 27, SRO: 2, SRW: 2, MRO: 2, MRW: 5 }],
  ['pif', 'PIF', { RO: 41, RW: 1, SRO: 1, MRO: 1, MRW: 1 }],
  ['bond', 'Bond', { RO: 7, MRO: 1 }],
  ['vlan', 'VLAN', { RO: 4 }],
  ['tunnel', 'tunnel', { RO: 5, MRW: 1 }],
  ['vif', 'VIF', { RO: 18, RW: 2, SRO: 3, SRW: 3, MRW: 2 }],
  ['network', 'network', { RO: 4, RW: 4, SRO: 2, SRW: 2, MRW: 1 }],
  ['console', 'console', { RO: 5, MRW: 1 }],
  ['vm', 'VM', VM],
  ['template', 'VM', VM],
  ['snapshot', 'VM', VM],
  ['host', 'host', { RO: 32, RW: 16, SRO: 11, SRW: 1, MRO: 7, MRW: 3 }],
  ['host-cpu', 'host_cpu', { RO: 11 }],
  ['host-crashdump', 'host_crashdump', { RO: 4 }],
  ['patch', 'pool_patch', { RO: 5, SRO: 2 }],
  ['update', 'pool_update', { RO: 6, SRO: 2 }],
  ['vdi', 'VDI', { RO: 21, RW: 4, SRO: 4, SRW: 1, MRO: 2, MRW: 1 }],
  ['vbd', 'VBD', { RO: 14, RW: 6, SRO: 3, MRW: 2 }],
  ['sr', 'SR', { RO: 12, RW: 3, SRO: 4, SRW: 1, MRO: 1, MRW: 1 }],
  ['sm', 'SM', { RO: 12, MRO: 1 }],
  ['pbd', 'PBD', { RO: 7, MRO: 1, MRW: 1 }],
  ['task', 'task', { RO: 15, MRW: 1 }],
  ['subject', 'subject', { RO: 2, SRO: 1, MRO: 1 }],
  ['role', 'role', { RO: 3 }],
  ['vmss', 'VMSS', { RO: 2, RW: 6, SRO: 1, MRW: 1 }],
  ['message', 'message', { RO: 7 }],
  ['secret', 'secret', { RO: 1, RW: 1 }],
  ['appliance', 'VM_appliance', { RO: 1, RW: 2, SRO: 3 }],
  ['vm-group', 'VM_group', { RO: 2, RW: 2, SRO: 1 }],
  ['pgpu', 'PGPU', { RO: 12, RW: 1, SRO: 1, SRW: 1, MRW: 1 }],
  ['gpu-group', 'GPU_group', { RO: 3, RW: 3, SRO: 2, MRW: 1 }],
  ['vgpu', 'VGPU', { RO: 12, RW: 1, MRW: 1 }],
  ['vgpu-type', 'VGPU_type', { RO: 13 }],
  ['drtask', 'DR_task', { RO: 2 }],
  ['pvs-site', 'PVS_site', { RO: 1, RW: 3, SRO: 3 }],
  ['pvs-server', 'PVS_server', { RO: 4, SRO: 1 }],
  ['pvs-proxy', 'PVS_proxy', { RO: 5 }],
  ['pvs-cache-storage', 'PVS_cache_storage', { RO: 6 }],
  ['feature', 'Feature', { RO: 7 }],
  ['sdn-controller', 'SDN_controller', { RO: 4 }],
  ['pusb', 'PUSB', { RO: 13, RW: 1 }],
  ['usb-group', 'USB_group', { RO: 1, RW: 2, SRO: 2, MRW: 1 }],
  ['vusb', 'VUSB', { RO: 6, SRO: 2, MRW: 1 }],
  ['network-sriov', 'network_sriov', { RO: 5 }],
  ['cluster', 'Cluster', { RO: 11, SRO: 4, MRO: 1, MRW: 1 }],
  ['cluster-host', 'Cluster_host', { RO: 8, SRO: 2, MRO: 1 }],
  ['certificate', 'Certificate', { RO: 10 }],
  ['repository', 'Repository', { RO: 7, RW: 3 }],
  ['hostdriver-variant', 'Driver_variant', { RO: 11 }],
  ['hostdriver', 'Host_driver', { RO: 12 }],
  ['vtpm', 'VTPM', { RO: 6, SRO: 1 }],
  ['observer', 'Observer', { RO: 3, RW: 1, SRW: 3, MRW: 1 }],
  ['pci', 'PCI', { RO: 7, SRO: 1, MRW: 1 }],
  ['caller', 'Caller', { RO: 5, RW: 2, SRW: 1 }],
  ['rate-limit', 'Rate_limit', { RO: 1, RW: 4, SRO: 1 }],
];

function counts(fields: readonly Field[]): Counts {
  const found: Counts = {};
  for (const { access } of fields) found[access] = (found[access] ?? 0) + 1;
  return found;
}

/** `class field` of every field that fits, of each table once. */
function fieldsThat(fits: (field: Field) => boolean | undefined): string[] {
  return recordClasses
    .filter(({ name }) => name !== 'template' && name !== 'snapshot')
    .flatMap(({ name, fields }) => fields.filter(fits).map((field) => `${name} ${field.name}`));
}

function access(className: string, ...names: string[]): (Access | undefined)[] {
  return names.map((name) => recordClass(className).fields.find((field) => field.name === name)?.access);
}

describe('the classes of the command line', () => {
  it('are these, with so many fields under each label', () => {
    expect(recordClasses.map(({ name, of, fields }) => [name, of, counts(fields)])).toEqual(CLASSES);
    expect(fieldsThat(() => true)).toHaveLength(771);
  });

  it('are found by their words', () => {
    expect(recordClass('host-cpu').of).toBe('host_cpu');
    expect(findRecordClass('crashdump')).toBeUndefined();
    expect(() => recordClass('crashdump')).toThrow('no record class crashdump');
  });

  it('have fields of different names, the uuid first', () => {
    for (const { name, fields } of [...recordClasses, crashdumpRecord]) {
      expect(new Set(fields.map((field) => field.name)).size, name).toBe(fields.length);
      expect(fields[0]?.name, name).toBe('uuid');
    }
  });

  it('show fields that they have, in the order of the record', () => {
    for (const { name, fields, shown, implied } of recordClasses) {
      const visible = fields.filter((field) => !field.hidden).map((field) => field.name);
      expect(shown, name).toEqual(visible.filter((field) => shown.includes(field)));
      for (const [field] of implied) expect(visible, name).toContain(field);
    }
  });

  it('show what people look for first', () => {
    expect(recordClass('vm').shown).toEqual(['uuid', 'name-label', 'power-state']);
    expect(recordClass('pif').shown).toEqual([
      'uuid',
      'device',
      'MAC',
      'currently-attached',
      'VLAN',
      'network-uuid',
      'host-uuid',
    ]);
    expect(recordClass('message').shown).toEqual([]);
  });

  it('read VMs, templates and snapshots from the same fields', () => {
    const [vm, template, snapshot] = ['vm', 'template', 'snapshot'].map(recordClass);
    expect(template?.fields.map(({ name }) => name)).toEqual(vm?.fields.map(({ name }) => name));
    expect(snapshot?.shown).toEqual(['uuid', 'name-label', 'name-description', 'is-vmss-snapshot']);
    expect([vm?.implied, template?.implied, snapshot?.implied]).toEqual([
      [['is-a-template', 'false']],
      [
        ['is-a-template', 'true'],
        ['is-a-snapshot', 'false'],
      ],
      [['is-a-snapshot', 'true']],
    ]);
  });

  it('have the fields of crash dumps for the one command that lists them', () => {
    expect(crashdumpRecord.fields.map(({ name }) => name)).toEqual(['uuid', 'vm-uuid', 'vm-name-label', 'vdi-uuid']);
  });
});

describe('a label', () => {
  it('is that of a plain value for some sets and maps', () => {
    expect(access('pool', 'ha-configuration', 'license-state', 'restrictions', 'blobs')).toEqual(['RO', 'RO', 'RO', 'RO']);
    expect(access('task', 'allowed_operations', 'error_info')).toEqual(['RO', 'RO']);
    expect(access('vm', 'snapshots', 'groups', 'vtpms')).toEqual(['RO', 'RW', 'RO']);
  });

  it('is read-only for sets and maps of which only the whole or a key can be set', () => {
    expect(access('bond', 'properties')).toEqual(['MRO']);
    expect(access('pif', 'properties')).toEqual(['MRO']);
    expect(access('vm', 'bios-strings')).toEqual(['MRO']);
    expect(access('vdi', 'xenstore-data')).toEqual(['MRO']);
    expect(access('host', 'ntp-custom-servers')).toEqual(['SRO']);
  });

  it('is that of a map whose keys change even where the field is written as a whole', () => {
    expect(access('observer', 'attributes', 'host-uuids', 'endpoints')).toEqual(['MRW', 'SRW', 'SRW']);
    expect(access('vm', 'blocked-operations', 'xenstore-data', 'NVRAM')).toEqual(['MRW', 'MRW', 'MRW']);
  });

  it('promises nothing that the field cannot do', () => {
    expect(fieldsThat((field) => /^.RW$/.test(field.access) && !field.remove)).toEqual([]);
    expect(fieldsThat((field) => field.access === 'RW' && !field.set)).toEqual([]);
    expect(fieldsThat((field) => field.members !== undefined && field.entries !== undefined)).toEqual([]);
  });
});

describe('some fields', () => {
  it('are hidden', () => {
    expect(fieldsThat((field) => field.hidden)).toEqual([
      'pool vswitch-controller',
      'pool uefi-certificates',
      'pool custom-uefi-certificates',
      'vm transportable-snapshot-id',
      'vm nomigrate',
      'vm nested-virt',
      'vm NVRAM',
      'host uefi-certificates',
      'cluster pending-forget',
      'repository certificate',
    ]);
  });

  it('are expensive', () => {
    expect(fieldsThat((field) => field.expensive)).toEqual([
      'pool supported-sr-types',
      'pif io_read_kbs',
      'pif io_write_kbs',
      'vif io_read_kbs',
      'vif io_write_kbs',
      'vm memory-target',
      'vm allowed-VBD-devices',
      'vm allowed-VIF-devices',
      'vm possible-hosts',
      'vm last-boot-record',
      'vm VCPUs-utilisation',
      'vm cooperative',
      'host memory-free-computed',
      'host-cpu utilisation',
      'vbd attachable',
      'vbd io_read_kbs',
      'vbd io_write_kbs',
      'network-sriov remaining-capacity',
    ]);
  });

  it('are deprecated', () => {
    expect(fieldsThat((field) => field.deprecated)).toEqual([
      'vm ha-always-run',
      'vm PV-drivers-up-to-date',
      'vm cooperative',
      'host patches',
      'vdi parent',
      'sm capabilities',
      'pbd host',
    ]);
  });

  it('are filtered by without regard to case', () => {
    expect(fieldsThat((field) => field.ignoresCase)).toEqual(['pif MAC', 'vif MAC']);
  });
});
