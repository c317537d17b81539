import { performance } from 'node:perf_hooks';
import type { Host } from '../../../host/host.js';
import { toDateTime } from '../../../model/datetime.js';
import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { refused } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

const MIB = 2 ** 20;

/** What a boot log would say first: the hardware as the host knows it. There is no ring of messages to read from. */
function hardwareReport({ facts }: Host): string {
  const { cpu, bios } = facts;
  const firmware = ['bios-vendor', 'bios-version']
    .map((key) => bios.get(key) ?? '')
    .join(' ')
    .trim();
  const machine = ['system-manufacturer', 'system-product-name']
    .map((key) => bios.get(key) ?? '')
    .join(' ')
    .trim();
  return [
    `${facts.hostname}: up since ${toDateTime(facts.bootedAt * 1000)}`,
    `DMI: ${machine}, BIOS ${firmware}`,
    `CPU: ${cpu.vendor} ${cpu.model}, family ${cpu.family}, model ${cpu.modelNumber}, stepping ${cpu.stepping}`,
    `CPU: ${cpu.sockets} sockets, ${cpu.coresPerSocket} cores each, ${cpu.threadsPerCore} threads each, ${cpu.speedMhz} MHz`,
    `Memory: ${Math.floor(facts.memoryTotal / MIB)} MiB, ${Math.floor(facts.controlDomainMemory / MIB)} MiB for the control domain`,
    ...facts.pcis.map((pci) => `pci ${pci.id}: [${pci.vendorId}:${pci.deviceId}] ${pci.className}: ${pci.deviceName}`),
    ...facts.usbs.map((usb) => `usb ${usb.path}: [${usb.vendorId}:${usb.productId}] ${usb.vendorName} ${usb.productName}`),
    '',
  ].join('\n');
}

/** Times of this process in seconds; with counts, the objects of each class too. */
function timings({ api }: Call, counts: boolean): ReadonlyMap<string, string> {
  const { user, system } = process.cpuUsage();
  const { idle, active, utilization } = performance.eventLoopUtilization();
  const found = new Map([
    ['uptime', process.uptime().toFixed(3)],
    ['cpu user', (user / 1e6).toFixed(3)],
    ['cpu system', (system / 1e6).toFixed(3)],
    ['event loop idle', (idle / 1e3).toFixed(3)],
    ['event loop active', (active / 1e3).toFixed(3)],
    ['event loop utilisation', utilization.toFixed(4)],
    ['database generation', String(api.db.generation)],
  ]);
  if (counts) for (const { model, rows } of api.db.tables()) found.set(`objects ${model.name}`, String(rows.size));
  return found;
}

function storageReport({ db }: Api, host: Ref<'host'>): string {
  const lines: string[] = [];
  for (const pbd of db.get('host', host).PBDs) {
    const { SR, currently_attached: attached } = db.get('PBD', pbd);
    const sr = db.find('SR', SR)?.fields;
    if (!sr) continue;
    lines.push(`SR ${sr.uuid} type=${sr.type} attached=${attached} volumes=${sr.VDIs.length}`);
    for (const vdi of sr.VDIs) {
      const { uuid, VBDs } = db.get('VDI', vdi);
      const users = VBDs.map((vbd) => db.get('VBD', vbd)).filter(
        (vbd) => vbd.currently_attached && db.find('VM', vbd.VM)?.fields.resident_on === host,
      );
      for (const vbd of users) lines.push(`  VDI ${uuid} mode=${vbd.mode} vbd=${vbd.uuid}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

function workReport({ db, tasks }: Api): string {
  return tasks
    .running()
    .map((ref) => {
      const { uuid, name_label: name, created, progress } = db.get('task', ref);
      return `task ${uuid} ${name} since=${created} progress=${progress.toFixed(2)}\n`;
    })
    .join('');
}

/** What a host says of itself to people who look for a fault. */
export const diagnosticMessages: HostMessages = {
  dmesg: ({ api }, host) => hardwareReport(reach(api, host)),
  dmesg_clear: refused('NOT_IMPLEMENTED', 'dmesg_clear'),
  get_log: refused('NOT_IMPLEMENTED', 'get_log'),
  list_methods: refused('NOT_IMPLEMENTED', 'list_method'),
  // The parts that a status report of this server can be made of: none so far.
  get_system_status_capabilities: ({ api }, host) => {
    reach(api, host);
    return '<?xml version="1.0"?><system-status-capabilities/>';
  },
  get_diagnostic_timing_stats: (call, host, counts) => {
    reach(call.api, host);
    return timings(call, counts);
  },
  get_sm_diagnostics: ({ api }, host) => {
    reach(api, host);
    return storageReport(api, host);
  },
  get_thread_diagnostics: ({ api }, host) => {
    reach(api, host);
    return workReport(api);
  },
};
