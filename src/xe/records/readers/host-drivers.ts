import type { RecordVersion } from '../../../model/record.js';
import type { Target } from '../record-class.js';
import type { Reader } from '../row.js';
import { fixed } from '../values/float-text.js';

import { recordOf } from '../values/references.js';

type Variant = RecordVersion<'Driver_variant'>;

function variantsOf({ api, record }: Target<'Host_driver'>): readonly Variant[] {
  return record.fields.variants.flatMap((ref) => recordOf(api, 'Driver_variant', ref) ?? []);
}

function list(
  text: (variant: Variant) => string,
  choose: (variants: readonly Variant[]) => readonly Variant[],
): Reader<'Host_driver'> {
  return { show: (target) => choose(variantsOf(target)).map(text).join('; ') };
}

/** Names and versions of the variants of a driver, the most preferred first. */
export const variantVersions = list(
  ({ fields }) => `${fields.name}/${fields.version}`,
  (variants) => variants.toSorted((a, b) => b.fields.priority - a.fields.priority),
);

/** How far the variants of a driver are developed. */
export const variantStatuses = list(
  ({ fields }) => `${fields.name}=${fields.status}`,
  (variants) => variants,
);

/** Uuids of the variants of a driver. */
export const variantUuids = list(
  ({ fields }) => `${fields.name}/${fields.uuid}`,
  (variants) => variants,
);

/** Variants of a driver whose hardware the host has. */
export const variantsWithHardware = list(
  ({ fields }) => fields.name,
  (variants) => variants.filter(({ fields }) => fields.hardware_present),
);

function chosenBy(read: (driver: RecordVersion<'Host_driver'>) => string): Reader<'Driver_variant'> {
  return {
    show: ({ api, ref, record }) => {
      const driver = recordOf(api, 'Host_driver', record.fields.driver);
      return String(driver !== undefined && read(driver) === ref);
    },
  };
}

/** Whether the variant is the one that is loaded. */
export const isActive = chosenBy((driver) => driver.fields.active_variant);

/** Whether the variant is the one that is chosen for the next start. */
export const isSelected = chosenBy((driver) => driver.fields.selected_variant);

/** Preference of a variant, in a column of its own. */
export const priority: Reader<'Driver_variant'> = {
  show: ({ record }) => fixed(record.fields.priority, 1).padStart(5),
};
