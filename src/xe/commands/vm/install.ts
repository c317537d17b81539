import { isNullRef, type Ref } from '../../../model/ref.js';
import { DISKS_KEY, formatProvision, ProvisionError, parseProvision } from '../../../model/templates/provision.js';
import { parseRecommendations } from '../../../model/templates/recommendations.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { defaultSr } from '../default-sr.js';
import { poolOf, printUuid, refOf } from '../support.js';
import { templateNamed } from './template-named.js';

/** What new VMs have for a description, whatever their template says. */
const DESCRIPTION = 'Installed with xe';

/** Recommendation of templates for guests whose drivers come through their own updates. */
const VENDOR_DEVICE = 'has-vendor-device';

/** VMs from templates. */
export const installCommands: readonly Command[] = [
  {
    name: 'vm-install',
    required: ['new-name-label'],
    optional: ['sr-name-label', 'sr-uuid', 'template', 'copy-bios-strings-from'],
    undeclared: ['template-uuid', 'template-name-label', 'template-name'],
    flags: ['standard'],
    description:
      'Makes a VM from a template, with the disks that the template asks for, and prints its uuid. Disks are made in the SR that sr-uuid or sr-name-label names, otherwise in the default SR of the pool.',
    run: install,
  },
];

async function install(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const template = templateNamed(context);
  const sr = chosenSr(context);
  if (sr !== undefined && api.get('VM', template, 'is_a_snapshot'))
    throw new CommandFailure('Disks of a snapshot stay in their SRs: leave sr-uuid and sr-name-label out');
  const name = parameters.required('new-name-label');
  const suspendSr = sr ?? suspendSrOf(api, template);
  const vm = sr === undefined ? await api.call('VM', 'clone', template, name) : await api.call('VM', 'copy', template, name, sr);
  try {
    await api.set('VM', vm, 'name_description', DESCRIPTION);
    if (suspendSr !== undefined) await api.set('VM', vm, 'suspend_SR', suspendSr);
    await placeDisks(api, vm, sr);
    await setVendorDevice(api, vm);
    await api.call('VM', 'provision', vm);
    if (parameters.has('copy-bios-strings-from'))
      await api.call('VM', 'copy_bios_strings', vm, refOf(context, 'host', 'copy-bios-strings-from'));
  } catch (thrown) {
    await api.destroy('VM', vm).catch(() => undefined);
    throw thrown;
  }
  printUuid(context, 'VM', vm);
}

function chosenSr({ api, parameters }: CommandContext): Ref<'SR'> | undefined {
  const name = parameters.find('sr-name-label');
  if (name !== undefined) {
    for (const [ref, { fields }] of api.records('SR')) if (fields.name_label === name) return ref;
    throw new CommandFailure(`No SR has the name ${name}`);
  }
  const uuid = parameters.find('sr-uuid');
  return uuid === undefined ? undefined : api.byUuid('SR', uuid);
}

function suspendSrOf(api: ApiClient, template: Ref<'VM'>): Ref<'SR'> | undefined {
  const own = api.get('VM', template, 'suspend_SR');
  return isNullRef(own) ? defaultSr(api) : own;
}

/** Writes the SR into the list of disks that the VM is still to get. */
async function placeDisks(api: ApiClient, vm: Ref<'VM'>, chosen: Ref<'SR'> | undefined): Promise<void> {
  const list = api.get('VM', vm, 'other_config').get(DISKS_KEY);
  if (list === undefined) return;
  const disks = readDisks(list);
  const sr = chosen ?? defaultSr(api);
  if (sr === undefined && disks.length > 0)
    throw new CommandFailure('The pool has no default SR for the disks: name one with sr-uuid or sr-name-label');
  const uuid = sr === undefined ? '' : api.uuid('SR', sr);
  await api.removeFrom('VM', vm, 'other_config', DISKS_KEY);
  await api.addTo('VM', vm, 'other_config', DISKS_KEY, formatProvision(disks.map((disk) => ({ ...disk, sr: uuid }))));
}

function readDisks(list: string) {
  try {
    return parseProvision(list);
  } catch (thrown) {
    if (thrown instanceof ProvisionError)
      throw new CommandFailure(`The template has a list of disks that cannot be read: ${thrown.message}`);
    throw thrown;
  }
}

/** Gives the VM the device for drivers from the guest's own updates where its template wants it and the pool does not mind. */
async function setVendorDevice(api: ApiClient, vm: Ref<'VM'>): Promise<void> {
  const wanted = parseRecommendations(api.get('VM', vm, 'recommendations')).some(
    ({ field, value }) => field === VENDOR_DEVICE && value === 'true',
  );
  const allowed = !api.get('pool', poolOf(api), 'policy_no_vendor_device');
  await api.call('VM', 'set_has_vendor_device', vm, wanted && allowed);
}
