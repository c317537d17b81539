import { ApiError } from '../../model/error.js';
import type { EnumValue } from '../../model/types.js';

type BondMode = EnumValue<'bond_mode'>;
type Properties = ReadonlyMap<string, string>;

interface Property {
  readonly initial?: string;
  allows(value: string): boolean;
}

function oneOf(...values: string[]): (value: string) => boolean {
  return (value) => values.includes(value);
}

const LACP: ReadonlyMap<string, Property> = new Map<string, Property>([
  ['hashing_algorithm', { initial: 'tcpudp_ports', allows: oneOf('src_mac', 'tcpudp_ports') }],
  ['lacp-time', { initial: 'slow', allows: oneOf('fast', 'slow') }],
  ['lacp-aggregation-key', { allows: (value) => /^-?(\d{1,18}|0x[0-9a-f]{1,15})$/i.test(value) }],
  ['lacp-fallback-ab', { initial: 'true', allows: oneOf('true', 'false') }],
]);

/** Settings that a bond of a mode can have. Only link aggregation has any. */
function propertiesOf(mode: BondMode): ReadonlyMap<string, Property> {
  return mode === 'lacp' ? LACP : new Map();
}

/** Throws INVALID_VALUE for a setting that a bond of the mode cannot have. */
export function assertBondProperty(mode: BondMode, name: string, value: string): void {
  if (!propertiesOf(mode).get(name)?.allows(value)) throw new ApiError('INVALID_VALUE', 'properties', `${name} = ${value}`);
}

/** The settings with what the mode adds where nothing is said. */
export function withInitialProperties(mode: BondMode, properties: Properties): Properties {
  const initial = [...propertiesOf(mode)].flatMap(([name, property]): [string, string][] =>
    property.initial === undefined || properties.has(name) ? [] : [[name, property.initial]],
  );
  return new Map([...properties, ...initial]);
}

/** What is left of the settings when a bond changes its mode, with what the new mode adds. */
export function propertiesFor(mode: BondMode, properties: Properties): Properties {
  const known = propertiesOf(mode);
  return withInitialProperties(mode, new Map([...properties].filter(([name, value]) => known.get(name)?.allows(value))));
}
