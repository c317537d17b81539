import { enums } from '../../../../schema/enums.js';
import { NULL_REF } from '../../../model/ref.js';
import type { Command } from '../../command.js';
import { parseWord } from '../../values.js';
import { printUuid, refOf } from '../support.js';

/** The epoch: a disk that is no snapshot has been taken at no time. */
const NEVER = '19700101T00:00:00Z';

/** Taking in of disks that lie in an SR already. */
export const vdiIntroduceCommands: readonly Command[] = [
  {
    name: 'vdi-introduce',
    required: ['uuid', 'sr-uuid', 'type', 'location'],
    optional: [
      'name-description',
      'sharable',
      'read-only',
      'managed',
      'other-config:',
      'xenstore-data:',
      'sm-config:',
      'name-label',
    ],
    description: 'Makes a VDI for a disk that the storage of an SR has at a location, and prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const sr = refOf(context, 'SR', 'sr-uuid');
      const vdi = await api.call(
        'VDI',
        'introduce',
        parameters.required('uuid'),
        parameters.text('name-label', ''),
        parameters.text('name-description', ''),
        sr,
        parseWord(enums.vdi_type, parameters.required('type')),
        parameters.boolean('sharable'),
        parameters.boolean('read-only'),
        parameters.map('other-config'),
        parameters.required('location'),
        parameters.map('xenstore-data'),
        parameters.map('sm-config'),
        parameters.boolean('managed', true),
        // The storage knows its sizes itself.
        0,
        0,
        NULL_REF,
        false,
        NEVER,
        NULL_REF,
      );
      printUuid(context, 'VDI', vdi);
    },
  },
];
