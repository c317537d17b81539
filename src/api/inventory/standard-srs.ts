import type { SrPlan } from './plan.js';

/** Bytes of the CD image with the guest tools. */
const TOOLS_SIZE = 16 * 2 ** 20;

/** What clients translate the names of SRs by that every installation has. */
function translated(key: string, label: string, description: string): [string, string][] {
  return [
    ['i18n-key', key],
    ['i18n-original-value-name_label', label],
    ['i18n-original-value-name_description', description],
  ];
}

/** SRs that every pool has: a CD drive and removable media for each host, and the guest tools under the product's name for them. */
export function standardSrs(toolsName: string): readonly SrPlan[] {
  const common = { size: 0, isDefault: false, isTools: false, volumes: [] } as const;
  return [
    {
      ...common,
      name: 'DVD drives',
      description: 'Physical DVD drives',
      type: 'udev',
      contentType: 'iso',
      shared: false,
      deviceConfig: () => new Map([['location', '/dev/xapi/cd']]),
      // OpenXenManager makes it the list of DVD drives by this.
      smConfig: new Map([['type', 'cd']]),
      otherConfig: new Map(translated('local-hotplug-cd', 'DVD drives', 'Physical DVD drives')),
    },
    {
      ...common,
      name: 'Removable storage',
      description: '',
      type: 'udev',
      contentType: 'disk',
      shared: false,
      deviceConfig: () => new Map([['location', '/dev/xapi/block']]),
      smConfig: new Map([['type', 'block']]),
      otherConfig: new Map(translated('local-hotplug-disk', 'Removable storage', '')),
    },
    {
      ...common,
      name: toolsName,
      description: 'CD image with drivers and tools for guests',
      type: 'iso',
      contentType: 'iso',
      shared: true,
      size: 2 * TOOLS_SIZE,
      isTools: true,
      volumes: [{ name: 'guest-tools.iso', size: TOOLS_SIZE, smConfig: new Map([['xs-tools', 'true']]) }],
      deviceConfig: () =>
        new Map([
          ['location', '/opt/xensource/packages/iso'],
          ['legacy_mode', 'true'],
        ]),
      smConfig: new Map(),
      otherConfig: new Map([
        ['xenserver_tools_sr', 'true'],
        ...translated('xenserver-tools', toolsName, 'CD image with drivers and tools for guests'),
      ]),
    },
  ];
}
