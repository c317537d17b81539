import { ApiError } from '../../model/error.js';
import { asRef } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { CommandFailure } from '../failure.js';
import type { Field, RecordClass, Target } from '../records/record-class.js';

/** Networks under another name, with a field of every kind that a class can have. `computed` counts what expensive fields cost. */
export function gadgetClass(computed: { count: number } = { count: 0 }): RecordClass {
  const fields: readonly Field[] = [
    { name: 'uuid', access: 'RO', show: (target) => of(target).uuid },
    {
      name: 'name-label',
      access: 'RW',
      show: (target) => of(target).name_label,
      set: (target, value) => target.api.set('network', refOf(target), 'name_label', value),
    },
    { name: 'bridge', access: 'RO', ignoresCase: true, show: (target) => of(target).bridge },
    {
      name: 'MTU',
      access: 'RW',
      show: (target) => String(of(target).MTU),
      set: async (target, value) => {
        if (value === '') throw new CommandFailure('no number');
        await target.api.set('network', refOf(target), 'MTU', Number(value));
      },
    },
    {
      name: 'tags',
      access: 'SRW',
      show: (target) => of(target).tags.join(', '),
      members: (target) => of(target).tags,
      addMember: async (target, member) => void (await target.api.send('network.add_tags', target.ref, member)),
      remove: async (target, member) => void (await target.api.send('network.remove_tags', target.ref, member)),
    },
    {
      name: 'purpose',
      access: 'SRO',
      show: (target) => of(target).purpose.join(', '),
      members: (target) => of(target).purpose,
      set: async () => Promise.reject(new ApiError('NOT_IMPLEMENTED', 'purpose')),
    },
    { name: 'VIF-uuids', access: 'SRO', show: () => 'a; b', members: () => ['a', 'b'] },
    {
      name: 'other-config',
      access: 'MRW',
      show: (target) => textOf(of(target).other_config),
      entries: (target) => of(target).other_config,
      addKey: (target, key, value) => target.api.addTo('network', refOf(target), 'other_config', key, value),
      remove: (target, key) => target.api.removeFrom('network', refOf(target), 'other_config', key),
    },
    {
      name: 'other',
      access: 'MRO',
      deprecated: true,
      show: (target) => textOf(of(target).other_config),
      entries: (target) => of(target).other_config,
      clear: (target) => target.api.set('network', refOf(target), 'other_config', new Map()),
    },
    { name: 'facts', access: 'MRO', show: () => 'a: 1', entries: () => new Map([['a', '1']]) },
    {
      name: 'whole-config',
      access: 'MRO',
      show: (target) => textOf(of(target).other_config),
      entries: (target) => of(target).other_config,
      setMap: (target, entries) => target.api.set('network', refOf(target), 'other_config', entries),
    },
    {
      name: 'properties',
      access: 'MRO',
      show: (target) => of(target).name_description,
      entries: (target) => new Map([['words', of(target).name_description]]),
      setKey: (target, key, value) => target.api.set('network', refOf(target), 'name_description', `${key} is ${value}`),
    },
    {
      name: 'load',
      access: 'RO',
      expensive: true,
      show: (target) => {
        computed.count++;
        return Promise.resolve(`load of ${of(target).name_label}`);
      },
    },
    {
      name: 'owner',
      access: 'RO',
      show: (target) => {
        throw new ApiError('HANDLE_INVALID', 'network', target.ref);
      },
    },
    {
      name: 'secret-word',
      access: 'RW',
      hidden: true,
      show: (target) => of(target).name_description,
      set: (target, value) => target.api.set('network', refOf(target), 'name_description', value),
    },
  ];
  return { name: 'gadget', of: 'network', fields, shown: ['name-label', 'uuid', 'secret-word'], implied: [['MTU', '1500']] };
}

function of({ record }: Target): Fields<'network'> {
  return record.fields as Fields<'network'>;
}

function refOf({ ref }: Target) {
  return asRef<'network'>(ref);
}

function textOf(map: ReadonlyMap<string, string>): string {
  return [...map].map(([key, value]) => `${key}: ${value}`).join('; ');
}
