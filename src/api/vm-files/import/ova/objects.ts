import { NULL_REF } from '../../../../model/ref.js';
import type { Fields } from '../../../../model/types.js';
import type { OvfDisk, OvfEnvelope, OvfSystem } from '../../../../wire/ovf/envelope.js';
import { RawFloat, type RawValue } from '../../../../wire/raw-value.js';
import type { FileObject } from '../../../../wire/xva/description.js';
import type { Api } from '../../../api.js';
import { type GuestSystem, guestSystem } from './guest-system.js';

/** Where a drive for CDs is that has the usual place; clients look for it there. */
const CD_PLACE = 3;
/** Least memory that is offered to the balloon, in bytes. */
const LEAST_MEMORY = 128 * 2 ** 20;
/** The SR of all disks of the file: it only says that they are no CDs. */
const SR_ID = 'sr';

/** What an appliance is in terms of the model. */
export interface OvaObjects {
  readonly objects: readonly FileObject[];
  readonly cautions: ReadonlyMap<string, string>;
}

/** Id of the object of a disk. */
export function diskObject({ id }: OvfDisk): string {
  return `disk:${id}`;
}

/** The objects that a file of XCP would have for the same VMs. References in them are ids. */
export function objectsOf(api: Api, { disks, systems }: OvfEnvelope): OvaObjects {
  const objects: FileObject[] = [object('SR', SR_ID, { content_type: 'user', type: 'ova' })];
  const cautions = new Map<string, string>();
  const used = new Map([...systems].flatMap((system) => system.drives.map(({ disk }) => [disk, system.name] as const)));
  for (const disk of disks.values()) objects.push(vdiOf(disk, used.get(disk.id)));
  const networks = new Set(systems.flatMap(({ cards }) => cards.map(({ network }) => network)));
  const bridge = managementBridge(api);
  for (const name of networks) objects.push(object('network', networkObject(name), { name_label: name, bridge }));
  for (const [number, system] of systems.entries()) {
    const id = `vm:${number}`;
    const guest = guestSystem(system);
    objects.push(vmOf(api, id, system, guest), ...drivesOf(id, system, disks), ...cardsOf(id, system));
    const caution = cautionOf(system, guest);
    if (caution !== undefined) cautions.set(id, caution);
  }
  return { objects, cautions };
}

function object(className: string, id: string, fields: Readonly<Record<string, RawValue>>): FileObject {
  return { className, id, fields: new Map(Object.entries(fields)) };
}

function vmOf({ db }: Api, id: string, system: OvfSystem, guest: GuestSystem): FileObject {
  const { name, description, memory, vcpus, firmware } = system;
  const [template] = db.filter('VM', (vm) => vm.is_default_template && vm.reference_label === guest.template)[0] ?? [];
  const settings = template === undefined ? {} : templateSettings(db.get('VM', template));
  return object('VM', id, {
    ...settings,
    name_label: name,
    name_description: description,
    memory_static_max: memory,
    memory_static_min: Math.min(memory, LEAST_MEMORY),
    VCPUs_max: vcpus,
    VCPUs_at_startup: vcpus,
    actions_after_shutdown: 'destroy',
    actions_after_reboot: 'restart',
    actions_after_crash: 'restart',
    domain_type: 'hvm',
    HVM_boot_policy: 'BIOS order',
    HVM_boot_params: new Map([
      ['order', 'cd'],
      ['firmware', firmware],
    ]),
    platform: new Map([...(settings.platform ?? []), ...guest.platform]),
  });
}

/** What a VM has of the template that stands for its system. Those for paravirtual guests say nothing of hardware. */
function templateSettings(template: Fields<'VM'>): {
  readonly platform?: ReadonlyMap<string, string>;
  readonly [key: string]: RawValue;
} {
  const { reference_label, recommendations, platform, HVM_shadow_multiplier, generation_id, name_label } = template;
  return {
    reference_label,
    recommendations,
    HVM_shadow_multiplier: new RawFloat(HVM_shadow_multiplier),
    generation_id,
    other_config: new Map([['base_template_name', name_label]]),
    platform,
  };
}

function vdiOf(disk: OvfDisk, owner: string | undefined): FileObject {
  return object('VDI', diskObject(disk), {
    name_label: `${owner ?? 'Imported'} ${disk.id}`.trim(),
    SR: SR_ID,
    type: 'user',
    virtual_size: disk.capacity,
  });
}

function* drivesOf(vm: string, { drives }: OvfSystem, disks: OvfEnvelope['disks']): Generator<FileObject> {
  let place = 0;
  const hasCd = drives.some(({ kind }) => kind === 'cd');
  for (const [number, { kind, disk }] of drives.entries()) {
    const known = disk === undefined ? undefined : disks.get(disk);
    const isCd = kind === 'cd' || known === undefined;
    if (!isCd && hasCd && place === CD_PLACE) place++;
    yield object('VBD', `${vm}:vbd:${number}`, {
      VM: vm,
      VDI: known === undefined ? NULL_REF : diskObject(known),
      userdevice: String(isCd ? CD_PLACE : place),
      bootable: !isCd && place === 0,
      mode: isCd ? 'RO' : 'RW',
      type: isCd ? 'CD' : 'Disk',
      unpluggable: true,
      empty: isCd,
    });
    if (!isCd) place++;
  }
}

function* cardsOf(vm: string, { cards }: OvfSystem): Generator<FileObject> {
  for (const [number, { network }] of cards.entries())
    yield object('VIF', `${vm}:vif:${number}`, { VM: vm, network: networkObject(network), device: String(number), MTU: 1500 });
}

function networkObject(name: string): string {
  return `network:${name}`;
}

/** The bridge by which networks are found that have no like in the pool by their name: that of the management network. */
function managementBridge({ db }: Api): string {
  const [, pif] = db.filter('PIF', ({ management }) => management)[0] ?? [];
  return (pif && db.find('network', pif.network)?.fields.bridge) ?? '';
}

function cautionOf({ others }: OvfSystem, { caution }: GuestSystem): string | undefined {
  const left = others.length === 0 ? [] : [`What is not known here was left out: ${others.slice(0, 20).join(', ')}.`];
  const all = [...(caution === undefined ? [] : [caution]), ...left];
  return all.length === 0 ? undefined : all.join(' ');
}
