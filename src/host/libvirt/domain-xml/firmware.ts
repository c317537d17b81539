import { type Hardware, hardwareOf, type Machine } from './hardware.js';
import type { Section } from './section.js';
import { type Settings, withEntries, withPlatform } from './settings.js';
import { append, attribute, child, children, type Element, ensure, put, remove, set, tag, textOf } from './xml.js';

interface Firmware {
  /** Undefined for machines that the model does not know. */
  readonly machine: Machine | undefined;
  readonly firmware: Hardware['firmware'];
  readonly secureBoot: Hardware['secureBoot'];
  /** File with what UEFI keeps for the guest; undefined where there is none, or libvirt chooses it. */
  readonly nvram: string | undefined;
}

/**
 * Where libvirt keeps what UEFI stores for guests. The file is named by the uuid: libvirt itself names it by the domain, and a
 * domain that is renamed would lose its boot entries and keys.
 */
const NVRAM_DIRECTORY = '/var/lib/libvirt/qemu/nvram';

/** Machine and firmware. */
export const firmware: Section<Firmware> = {
  express: (settings) => {
    const { machine, firmware: kind, secureBoot } = hardwareOf(settings);
    if (kind === 'bios') return { machine, firmware: kind, secureBoot: 'never', nvram: undefined };
    return { machine, firmware: kind, secureBoot, nvram: `${NVRAM_DIRECTORY}/${settings.uuid}_VARS.fd` };
  },
  read: (domain) => {
    const os = child(domain, 'os');
    const kind = attribute(os, 'firmware') === 'efi' || attribute(child(os, 'loader'), 'type') === 'pflash' ? 'uefi' : 'bios';
    return {
      machine: machineOf(attribute(child(os, 'type'), 'machine') ?? ''),
      firmware: kind,
      secureBoot: kind === 'uefi' && os ? secureBootOf(os) : 'never',
      nvram: os && textOf(os, 'nvram')?.trim(),
    };
  },
  // A host without such firmware takes `auto` for never. Which file UEFI keeps its data in is no setting.
  agrees: (expressed, found) =>
    expressed.machine === found.machine &&
    expressed.firmware === found.firmware &&
    (expressed.secureBoot === found.secureBoot || (expressed.secureBoot === 'auto' && found.secureBoot === 'never')),
  interpret: ({ machine, firmware: kind, secureBoot }, settings) => {
    const before = hardwareOf(settings);
    const machined = machine && machine !== before.machine ? withPlatform(settings, { machine }) : settings;
    const booted = kind === before.firmware ? machined : withFirmware(machined, kind);
    if (kind === 'bios' || secureBoot === hardwareOf(booted).secureBoot) return booted;
    return withPlatform(booted, { secureboot: { never: 'false', auto: 'auto', always: 'true' }[secureBoot] });
  },
  write: (domain, wanted, traits, before) => {
    const os = ensure(domain, 'os');
    if (wanted.machine && wanted.machine !== before?.machine) writeMachine(os, wanted.machine);
    if (wanted.firmware === before?.firmware && wanted.secureBoot === before.secureBoot) return;
    const secureBoot = wanted.secureBoot === 'auto' && !traits.secureBoot ? 'never' : wanted.secureBoot;
    writeFirmware(domain, os, { ...wanted, secureBoot });
  },
};

function machineOf(name: string): Machine | undefined {
  if (name === 'q35' || name.startsWith('pc-q35-')) return 'q35';
  return name === 'pc' || name.startsWith('pc-i440fx-') ? 'pc' : undefined;
}

function secureBootOf(os: Element): Hardware['secureBoot'] {
  const asked = new Map(
    children(child(os, 'firmware'), 'feature').map((one) => [attribute(one, 'name'), attribute(one, 'enabled')]),
  );
  const able = asked.get('secure-boot') ?? attribute(child(os, 'loader'), 'secure') ?? 'no';
  if (able !== 'yes') return 'never';
  return (asked.get('enrolled-keys') ?? 'yes') === 'yes' ? 'always' : 'auto';
}

function withFirmware(settings: Settings, kind: Firmware['firmware']): Settings {
  const { boot } = settings;
  if (boot.kind !== 'hvm') return settings;
  return { ...settings, boot: { kind: 'hvm', params: withEntries(boot.params, { firmware: kind }) } };
}

function writeMachine(os: Element, machine: Machine): void {
  const type = child(os, 'type') ?? append(os, tag('type', { arch: 'x86_64' }, 'hvm'));
  // A version of the machine that was fixed before stays.
  if (machineOf(attribute(type, 'machine') ?? '') !== machine) set(type, { machine });
}

function writeFirmware(domain: Element, os: Element, { firmware: kind, secureBoot, nvram }: Firmware): void {
  const kept = textOf(os, 'nvram')?.trim() || nvram;
  // Which firmware that means is for libvirt to find.
  remove(os, 'loader', 'nvram', 'firmware');
  set(os, { firmware: kind === 'uefi' ? 'efi' : undefined });
  if (kind === 'bios') return;
  const feature = (name: string, on: boolean) => tag('feature', { enabled: on ? 'yes' : 'no', name });
  const able = secureBoot !== 'never';
  const features = able
    ? [feature('enrolled-keys', secureBoot === 'always'), feature('secure-boot', true)]
    : [feature('secure-boot', false)];
  append(os, tag('firmware', {}, ...features));
  append(os, tag('nvram', {}, kept));
  if (able) put(ensure(domain, 'features'), tag('smm', { state: 'on' }));
}
