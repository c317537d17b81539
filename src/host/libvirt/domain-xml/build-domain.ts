import type { DomainSpec } from '../../compute.js';
import { bootOrder, writeBootOrder } from './boot-order.js';
import { isFetched, writeKernel } from './direct-boot.js';
import { addMissingDisks, storedDisks } from './edit-disks.js';
import { addMissingNics, storedNics } from './edit-nics.js';
import { diskElements, nicElements } from './found-devices.js';
import { hardwareOf } from './hardware.js';
import { addUsualDevices, ensurePorts, ensureScsi } from './hardware-devices.js';
import { writeIdentity } from './identity.js';
import { sections } from './sections.js';
import { settingsOf, type Traits } from './settings.js';
import { writeStored } from './stored.js';
import type { Surroundings } from './surroundings.js';
import { domainName } from './text.js';
import { append, ensure, formatXml, parseXml, tag } from './xml.js';

/** The description of a VM for which there is none yet. */
export function buildDomain(spec: DomainSpec, surroundings: Surroundings): string {
  const domain = parseXml('<domain/>');
  const hardware = hardwareOf(spec);
  const traits = traitsOf(spec, surroundings, surroundings.type);
  const name = surroundings.name ?? domainName(spec.name, spec.uuid);
  append(domain, tag('name', {}, name));
  append(domain, tag('uuid', {}, spec.uuid));
  writeIdentity(domain, spec);
  ensure(domain, 'metadata');
  for (const one of sections) one.build(domain, spec, traits);
  append(domain, tag('pm', {}, tag('suspend-to-mem', { enabled: 'no' }), tag('suspend-to-disk', { enabled: 'no' })));
  writeKernel(domain, surroundings.kernel);
  ensurePorts(domain, hardware, spec.disks.length + spec.nics.length);
  if (hardware.diskBus === 'scsi') ensureScsi(domain);
  addUsualDevices(domain, hardware, spec, surroundings.type, surroundings.vncSocket);
  addMissingDisks(domain, spec, hardware, surroundings);
  addMissingNics(domain, spec, hardware, surroundings);
  writeBootOrder(domain, bootOrder(spec.boot, spec), [...diskElements(domain), ...nicElements(domain)]);
  const disks = storedDisks(domain, spec, surroundings);
  const nics = storedNics(spec);
  writeStored(domain, { ours: true, domain: name, settings: settingsOf(spec), kernel: surroundings.kernel, disks, nics });
  return formatXml(domain);
}

/** What a description made from a spec depends on besides it. */
export function traitsOf(spec: DomainSpec, surroundings: Surroundings, type: string): Traits {
  return {
    type,
    controlGroups: surroundings.controlGroups ?? 2,
    installing: isFetched(spec.boot, surroundings.kernel),
    secureBoot: surroundings.secureBoot ?? false,
  };
}
