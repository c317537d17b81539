import type { DiskSpec, DomainSpec, NicSpec } from '../../compute.js';
import type { DiskElement, NicElement } from './found-devices.js';
import { append, attribute, child, children, type Element, remove, tag } from './xml.js';

/** What the order of boot devices depends on. */
export interface BootDevices {
  readonly disks: readonly Pick<DiskSpec, 'vbd' | 'kind' | 'position' | 'bootable'>[];
  readonly nics: readonly Pick<NicSpec, 'vif' | 'position'>[];
}

/** Order where `HVM_boot_params` have none. */
const USUAL = 'cd';

/** Letters of `HVM_boot_params:order`, and libvirt's names of kinds. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['hd', 'c'],
  ['cdrom', 'd'],
  ['network', 'n'],
]);

/** Uuids of the devices in the order in which the firmware tries them. Of several of a kind, bootable ones come first. */
export function bootOrder(boot: DomainSpec['boot'], { disks, nics }: BootDevices): readonly string[] {
  const sorted = [...disks].sort((a, b) => Number(b.bootable) - Number(a.bootable) || a.position - b.position);
  const drives = (kind: DiskSpec['kind']) => sorted.filter((one) => one.kind === kind).map(({ vbd }) => vbd);
  // The boot loader of such guests takes what is marked, whatever it is.
  if (boot.kind === 'pv')
    return [...sorted.filter(({ bootable }) => bootable).map(({ vbd }) => vbd), ...drives('Disk')].filter(first);
  const cards = [...nics].sort((a, b) => a.position - b.position).map(({ vif }) => vif);
  const order = boot.params.get('order') || USUAL;
  const of = (letter: string) => (letter === 'c' ? drives('Disk') : letter === 'd' ? drives('CD') : letter === 'n' ? cards : []);
  return [...order.toLowerCase()].flatMap(of).filter(first);
}

function first<T>(one: T, at: number, all: readonly T[]): boolean {
  return all.indexOf(one) === at;
}

/** Uuids of the devices in the order that a description says. */
export function readBootOrder(domain: Element, disks: readonly DiskElement[], nics: readonly NicElement[]): readonly string[] {
  const numbered = [...disks, ...nics].flatMap(({ uuid, element }) => {
    const order = attribute(child(element, 'boot'), 'order');
    return order === undefined ? [] : [{ uuid, order: Number(order) }];
  });
  if (numbered.length) return numbered.sort((a, b) => a.order - b.order).map(({ uuid }) => uuid);
  return readKinds(domain).flatMap((letter) => {
    const found = letter === 'n' ? nics[0] : disks.find(({ kind }) => kind === (letter === 'c' ? 'Disk' : 'CD'));
    return found ? [found.uuid] : [];
  });
}

/** The same as letters. */
export function readBootLetters(domain: Element, disks: readonly DiskElement[], nics: readonly NicElement[]): string {
  const kinds = new Map([
    ...disks.map(({ uuid, kind }) => [uuid, kind === 'CD' ? 'd' : 'c'] as const),
    ...nics.map(({ uuid }) => [uuid, 'n'] as const),
  ]);
  const byDevice = readBootOrder(domain, disks, nics).map((uuid) => kinds.get(uuid) ?? '');
  // Kinds of which there is no device are said by letters only.
  const letters = hasNumbers(domain) ? byDevice : readKinds(domain);
  return letters.filter(first).join('') || USUAL;
}

/** Whether devices have their places by number, rather than kinds of devices. */
export function hasNumbers(domain: Element): boolean {
  return children(child(domain, 'devices')).some((one) => child(one, 'boot') !== undefined);
}

/** Gives devices their places, by number. Places of devices that the model does not know stay. */
export function writeBootOrder(domain: Element, order: readonly string[], devices: readonly (DiskElement | NicElement)[]): void {
  remove(child(domain, 'os'), 'boot');
  const ours = new Map(devices.map(({ uuid, element }) => [uuid, element]));
  const known = new Set(ours.values());
  const others = children(child(domain, 'devices')).filter((one) => !known.has(one));
  const taken = new Set(others.map((one) => Number(attribute(child(one, 'boot'), 'order') ?? 0)));
  for (const one of known) remove(one, 'boot');
  let number = 0;
  for (const uuid of order) {
    const element = ours.get(uuid);
    if (!element) continue;
    do number++;
    while (taken.has(number));
    append(element, tag('boot', { order: number }));
  }
}

function readKinds(domain: Element): readonly string[] {
  return children(child(domain, 'os'), 'boot').flatMap((one) => KINDS.get(attribute(one, 'dev') ?? '') ?? []);
}
