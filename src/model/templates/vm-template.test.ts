import { describe, expect, it } from 'vitest';
import { templateDefinitions } from '../../../schema/templates/index.js';
import { classModel } from '../class-model.js';
import { parseProvision } from './provision.js';
import { parseRecommendations } from './recommendations.js';
import { shippedTemplates, type VmTemplate, vmTemplate } from './vm-template.js';

const templates = shippedTemplates();

function template(reference: string): VmTemplate {
  const found = templates.find((t) => t.fields.reference_label === reference);
  if (!found) throw new Error(`no template ${reference}`);
  return found;
}

describe('all templates', () => {
  it('are the 49 of the product, each with its own uuid, name and reference', () => {
    expect(templates).toHaveLength(49);
    for (const of of [
      (t: VmTemplate) => t.uuid,
      (t: VmTemplate) => t.fields.name_label,
      (t: VmTemplate) => t.fields.reference_label,
    ])
      expect(new Set(templates.map(of)).size).toBe(49);
    for (const { uuid } of templates) expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('have every field of the constructor', () => {
    const names = classModel('VM').constructorFields.map((f) => f.name);
    for (const { fields } of templates) {
      expect(Object.keys(fields)).toEqual(names);
      expect(Object.values(fields)).not.toContain(undefined);
    }
  });

  it('give VMs twice the least memory', () => {
    for (const { fields } of templates) {
      expect(fields.memory_static_max).toBe(2 * fields.memory_static_min);
      expect(fields.memory_dynamic_min).toBe(fields.memory_static_max);
      expect(fields.memory_dynamic_max).toBe(fields.memory_static_max);
      expect(fields.memory_static_min).toBeGreaterThanOrEqual(128 * 1024 ** 2);
    }
  });

  it('are marked as the product’s own and leave mac_seed to the pool', () => {
    for (const { fields, isDefaultTemplate } of templates) {
      expect(isDefaultTemplate).toBe(true);
      expect(fields.is_a_template).toBe(true);
      expect(fields.other_config.get('default_template')).toBe('true');
      expect(fields.other_config.has('mac_seed')).toBe(false);
    }
  });

  it('have disks that can be provisioned, save the one without', () => {
    const without = templates.filter((t) => !t.fields.other_config.has('disks'));
    expect(without.map((t) => t.fields.name_label)).toEqual(['Other install media']);
    for (const { fields } of templates.filter((t) => !without.includes(t))) {
      const disks = parseProvision(fields.other_config.get('disks') ?? '');
      expect(disks).toHaveLength(1);
      expect(disks[0]).toMatchObject({ device: '0', sr: '', type: 'system' });
    }
  });

  it('start in exactly one way', () => {
    for (const { fields } of templates) {
      expect(fields.HVM_boot_policy === '').toBe(fields.PV_bootloader !== '');
      expect(fields.domain_type).toBe(fields.PV_bootloader ? 'pv_in_pvh' : 'hvm');
    }
    expect(templates.filter((t) => t.fields.PV_bootloader)).toHaveLength(24);
  });
});

describe('some templates', () => {
  it('Debian 12', () => {
    const { uuid, fields } = template('debian-12');
    expect(uuid).toBe('07d91aaa-43f7-430a-bf84-0edb6714df0f');
    expect(fields).toMatchObject({
      name_label: 'Debian Bookworm 12',
      memory_static_min: 1024 ** 3,
      VCPUs_max: 1,
      HVM_boot_policy: 'BIOS order',
      HVM_boot_params: new Map([
        ['order', 'cdn'],
        ['firmware', 'uefi'],
      ]),
      actions_after_shutdown: 'destroy',
      affinity: 'OpaqueRef:NULL',
      has_vendor_device: false,
    });
    expect(Object.fromEntries(fields.platform)).toEqual({
      nx: 'true',
      acpi: '1',
      apic: 'true',
      pae: 'true',
      hpet: 'true',
      secureboot: 'auto',
      vga: 'std',
      videoram: '8',
      viridian: 'false',
      device_id: '0001',
    });
    expect(fields.recommendations).toBe(
      '<restrictions><restriction field="memory-static-max" max="1649267441664"/><restriction field="vcpus-max" max="64"/>' +
        '<restriction field="has-vendor-device" value="false"/><restriction field="allow-gpu-passthrough" value="1"/>' +
        '<restriction field="allow-vgpu" value="1"/><restriction field="allow-network-sriov" value="1"/>' +
        '<restriction field="supports-bios" value="yes"/><restriction field="supports-uefi" value="yes"/>' +
        '<restriction field="supports-secure-boot" value="yes"/><restriction property="number-of-vbds" max="255"/>' +
        '<restriction property="number-of-vifs" max="7"/></restrictions>',
    );
    expect(fields.other_config.get('disks')).toBe(
      '<provision><disk size="10737418240" sr="" bootable="true" type="system" device="0"/></provision>',
    );
  });

  it('an old BIOS Linux keeps its device model', () => {
    expect(template('debian-11').fields.platform.get('device-model')).toBe('qemu-upstream-compat');
    expect(template('debian-12').fields.platform.has('device-model')).toBe(false);
  });

  it('a paravirtual Linux has the platform defaults and nothing else', () => {
    const { fields } = template('rhel-6-32bit');
    expect(fields.platform.size).toBe(6);
    expect(fields.PV_args).toBe('graphical utf8');
    expect(fields.HVM_boot_params.size).toBe(0);
    expect(Object.fromEntries(fields.other_config)).toMatchObject({ rhel6: 'true', 'install-distro': 'rhlike' });
    expect(parseRecommendations(fields.recommendations)).toContainEqual({ field: 'memory-static-max', max: '17179869184' });
  });

  it('Windows 11 needs UEFI, TPM and two processors', () => {
    const { fields } = template('windows-11');
    expect(fields).toMatchObject({ VCPUs_max: 2, VCPUs_at_startup: 2, generation_id: '0:0', memory_static_min: 4 * 1024 ** 3 });
    expect(fields.platform.get('vtpm')).toBe('true');
    expect(fields.platform.get('cores-per-socket')).toBe('2');
    expect(parseRecommendations(fields.recommendations)).toEqual(
      expect.arrayContaining([
        { field: 'vcpus-min', min: '2' },
        { field: 'has-vendor-device', value: 'true' },
        { field: 'supports-bios', value: 'no' },
      ]),
    );
  });
});

describe('vmTemplate', () => {
  it('refuses a base that does not exist and a template without memory', () => {
    const definition = { uuid: 'u', name: 'n', reference: 'r' };
    expect(() => vmTemplate({ ...definition, from: 'toString' })).toThrow('no such base');
    expect(() => vmTemplate({ ...definition, from: 'linux' })).toThrow('memory');
  });

  it('makes new maps each time', () => {
    const [first] = templateDefinitions;
    if (!first) throw new Error('no definitions');
    expect(vmTemplate(first).fields.platform).not.toBe(vmTemplate(first).fields.platform);
  });
});
