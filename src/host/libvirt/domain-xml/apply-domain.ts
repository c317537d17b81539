import type { DomainSpec } from '../../compute.js';
import { bootOrder, hasNumbers, readBootOrder, writeBootOrder } from './boot-order.js';
import { traitsOf } from './build-domain.js';
import { describeCards, describeDrives } from './described-devices.js';
import { bootsKernelOf, readKernel, sameKernel, writeKernel } from './direct-boot.js';
import { addMissingDisks, editDisks, storedDisks } from './edit-disks.js';
import { addMissingNics, editNics, storedNics } from './edit-nics.js';
import { diskElements, nicElements } from './found-devices.js';
import { hardwareOf } from './hardware.js';
import { ensurePorts, ensureScsi, moveScreen, moveToMachine } from './hardware-devices.js';
import { writeIdentity } from './identity.js';
import { sections } from './sections.js';
import { settingsOf } from './settings.js';
import { writeStored } from './stored.js';
import type { DirectBoot, Surroundings } from './surroundings.js';
import { type Understanding, understand } from './understand.js';
import { type Element, formatXml, parseXml, put, tag, textOf } from './xml.js';

/**
 * An existing description, as it is kept for the next start and secrets included, changed to what the model says. Only what it
 * says differently is changed; a description that says all of it already comes back as it was. Throws Error for text that is no
 * description of a domain.
 */
export function applyDomain(existing: string, spec: DomainSpec, surroundings: Surroundings): string {
  const domain = parseXml(existing);
  // Parsing and writing change quotes and the like: that is no change.
  const untouched = formatXml(domain);
  const before = understand(domain, surroundings.controlGroups ?? 2);
  const ours = before.stored?.ours ?? false;
  const kernel = kernelFor(domain, spec, surroundings);
  if (surroundings.name !== undefined) put(domain, tag('name', {}, surroundings.name));
  if (before.settings.name !== spec.name || before.settings.description !== spec.description) writeIdentity(domain, spec);
  const traits = traitsOf(spec, { ...surroundings, kernel }, ours ? surroundings.type : before.traits.type);
  for (const one of sections) one.edit(domain, before.settings, before.traits, spec, traits);
  if (!sameKernel(readKernel(domain), kernel)) writeKernel(domain, kernel);
  const hardware = hardwareOf(spec);
  if (hardwareOf(before.settings).machine !== hardware.machine) moveToMachine(domain, hardware);
  const added = editDevices(before, spec, surroundings);
  if (ours) {
    moveScreen(domain, surroundings.vncSocket);
    ensurePorts(domain, hardware, spec.disks.length + spec.nics.length);
  }
  editBootOrder(before, spec, added);
  writeStored(domain, {
    ours,
    domain: textOf(domain, 'name') ?? '',
    settings: settingsOf(spec),
    kernel,
    disks: storedDisks(domain, spec, surroundings),
    nics: storedNics(spec),
  });
  const text = formatXml(domain);
  return text === untouched ? existing : text;
}

/** The kernel that is to be booted: one that the VM names itself stays as long as it does. */
function kernelFor(domain: Element, { boot }: DomainSpec, { kernel }: Surroundings): DirectBoot | undefined {
  if (kernel || boot.kind !== 'pv') return kernel;
  return bootsKernelOf(boot, readKernel(domain))
    ? { kernel: boot.kernel, ramdisk: boot.ramdisk || undefined, args: boot.args }
    : undefined;
}

/** Whether devices were added. */
function editDevices(
  { domain, stored, settings, disks, nics, bootable }: Understanding,
  spec: DomainSpec,
  surroundings: Surroundings,
): boolean {
  const hardware = hardwareOf(spec);
  const oldHardware = hardwareOf(settings);
  const drives = describeDrives(disks, stored?.disks ?? new Map(), bootable);
  const specs = new Map(drives.map((one) => [one.vbd, one]));
  editDisks(domain, spec, hardware, surroundings, { stored, hardware: oldHardware, specs });
  editNics(domain, spec, hardware, surroundings, { stored, hardware: oldHardware });
  if (hardware.diskBus === 'scsi' && oldHardware.diskBus !== 'scsi') ensureScsi(domain);
  addMissingDisks(domain, spec, hardware, surroundings);
  addMissingNics(domain, spec, hardware, surroundings);
  const before = new Set([...disks, ...nics].map(({ uuid }) => uuid));
  return [...diskElements(domain), ...nicElements(domain)].some(({ uuid }) => !before.has(uuid));
}

/** Writes the order in which devices are booted where the model has another one, or has new devices in it. */
function editBootOrder(
  { domain, stored, settings, disks, nics, bootable }: Understanding,
  spec: DomainSpec,
  added: boolean,
): void {
  const [drives, cards] = [diskElements(domain), nicElements(domain)];
  const devices = [...drives, ...cards];
  const there = new Set(devices.map(({ uuid }) => uuid));
  const order = bootOrder(spec.boot, spec).filter((uuid) => there.has(uuid));
  if (stored?.ours) {
    if (readBootOrder(domain, drives, cards).join() !== order.join()) writeBootOrder(domain, order, devices);
    return;
  }
  // Others have orders that the model cannot express: they stay as long as it says nothing else than before.
  const before = {
    disks: describeDrives(disks, stored?.disks ?? new Map(), bootable),
    nics: describeCards(nics, stored?.nics ?? new Map(), undefined),
  };
  const old = bootOrder(settings.boot, before).filter((uuid) => there.has(uuid));
  const known = new Set([...disks, ...nics].map(({ uuid }) => uuid));
  const same = order.filter((uuid) => known.has(uuid)).join() === old.join();
  // By kind of device, those that are added have their places already.
  if (!same || (added && hasNumbers(domain))) writeBootOrder(domain, order, devices);
}
