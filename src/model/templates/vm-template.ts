import type { TemplateDefinition, TemplateSettings } from '../../../schema/templates/define.js';
import { templateDefinitions } from '../../../schema/templates/index.js';
import { classModel } from '../class-model.js';
import type { ConstructorArguments } from '../types.js';
import { restrictionsOf } from './advice.js';
import { bytesOf } from './amount.js';
import { DISKS_KEY, formatProvision } from './provision.js';
import { formatRecommendations } from './recommendations.js';
import { present, withBases } from './settings.js';

/** A template of the product as the pool holds it. */
export interface VmTemplate {
  readonly uuid: string;
  /** VM.is_default_template, which no constructor takes. */
  readonly isDefaultTemplate: true;
  /** All that VM.create takes. `mac_seed` is missing in other_config: each pool makes its own. */
  readonly fields: ConstructorArguments<'VM'>;
}

/** What every VM has unless its template says otherwise. */
const PLATFORM_DEFAULTS = { nx: 'true', acpi: '1', apic: 'true', pae: 'true', hpet: 'true', secureboot: 'true' };

/** Any text here makes a VM start with full virtualisation; this one is what all templates say. */
const HVM_BOOT_POLICY = 'BIOS order';

/** The template that a definition describes. */
export function vmTemplate(definition: TemplateDefinition): VmTemplate {
  const { uuid, name, reference, ...settings } = definition;
  const whole = withBases(settings);
  const { memory, vcpus = 1, boot, domainType = 'hvm' } = whole;
  if (memory === undefined) throw new Error(`template ${reference} does not say how much memory it needs`);
  const least = bytesOf(memory);
  const fields: Partial<ConstructorArguments<'VM'>> = {
    name_label: name,
    reference_label: reference,
    user_version: 1,
    is_a_template: true,
    memory_static_min: least,
    memory_dynamic_min: 2 * least,
    memory_dynamic_max: 2 * least,
    memory_static_max: 2 * least,
    VCPUs_max: vcpus,
    VCPUs_at_startup: vcpus,
    actions_after_shutdown: 'destroy',
    actions_after_reboot: 'restart',
    actions_after_crash: 'restart',
    HVM_boot_policy: boot ? HVM_BOOT_POLICY : '',
    HVM_boot_params: new Map(boot ? Object.entries(boot) : []),
    PV_bootloader: whole.bootloader ?? '',
    PV_args: whole.kernelArguments ?? '',
    domain_type: domainType,
    platform: new Map(present({ ...PLATFORM_DEFAULTS, ...whole.platform })),
    other_config: otherConfig(whole),
    recommendations: formatRecommendations(restrictionsOf(whole)),
    // The template only recommends the device; whether a VM gets it, the client says.
    has_vendor_device: false,
    generation_id: whole.generationId ?? '',
  };
  return { uuid, isDefaultTemplate: true, fields: { ...emptyFields(), ...fields } };
}

function otherConfig({ otherConfig: given, disks = [] }: TemplateSettings): ReadonlyMap<string, string> {
  const map = new Map([['default_template', 'true'], ...present(given)]);
  if (disks.length) {
    const list = disks.map(({ size, bootable }, index) => {
      return { device: String(index), size: bytesOf(size), sr: '', bootable, type: 'system' as const };
    });
    map.set(DISKS_KEY, formatProvision(list));
  }
  return map;
}

function emptyFields(): ConstructorArguments<'VM'> {
  const fields = classModel('VM').constructorFields.map((field) => [field.name, field.initial]);
  return Object.fromEntries(fields) as ConstructorArguments<'VM'>;
}

/** All templates of the product. */
export function shippedTemplates(): readonly VmTemplate[] {
  return templateDefinitions.map(vmTemplate);
}
