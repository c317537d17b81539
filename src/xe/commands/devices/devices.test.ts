import { expect, it } from 'vitest';
import { runCommand } from '../../testing/run-command.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { deviceFamily } from './index.js';

const ANSWERS = {
  'GPU_group.get_remaining_capacity': 7,
  'PGPU.enable_dom0_access': 'enable_on_reboot',
  'PGPU.disable_dom0_access': 'disabled',
  'PCI.enable_dom0_access': 'enabled',
  'PCI.disable_dom0_access': 'disable_on_reboot',
  'PCI.get_dom0_access_status': 'enabled',
};

it.each([
  ['gpu-group-get-remaining-capacity', ['uuid=g', 'vgpu-type-uuid=t'], 'GPU_group.get_remaining_capacity', '7'],
  ['pgpu-enable-dom0-access', ['uuid=g'], 'PGPU.enable_dom0_access', 'enable_on_reboot'],
  ['pgpu-disable-dom0-access', ['uuid=g'], 'PGPU.disable_dom0_access', 'disabled'],
  ['pci-enable-dom0-access', ['uuid=g'], 'PCI.enable_dom0_access', 'enabled'],
  ['pci-disable-dom0-access', ['uuid=g'], 'PCI.disable_dom0_access', 'disable_on_reboot'],
  ['pci-get-dom0-access-status', ['uuid=g'], 'PCI.get_dom0_access_status', 'enabled'],
])('%s prints what it is told for people, and an empty line where that is to be minimal', async (name, words, message, text) => {
  const command = deviceFamily.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const { api, sent } = scriptedApi(ANSWERS);
  expect(await runCommand(api, command, ...words)).toBe(`${text}\n`);
  expect(sent[0]?.slice(0, 2)).toEqual([message, 'OpaqueRef:g']);
  expect(await runCommand(api, command, ...words, '--minimal')).toBe('\n');
});
