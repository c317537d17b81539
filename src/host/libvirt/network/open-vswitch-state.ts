import { z } from 'zod';

/** A port of a switch: one interface, or several that are bonded. */
export interface OvsPort {
  readonly name: string;
  readonly tag: number | undefined;
  readonly interfaces: readonly string[];
  /** A device that Open vSwitch made, not one that it was given. */
  readonly internal: boolean;
  /** Interfaces that it was told of and could not set up. */
  readonly failed: readonly string[];
  /** A bridge for one VLAN of its switch. */
  readonly fakeBridge: boolean;
}

/** A switch of Open vSwitch. */
export interface OvsBridge {
  readonly name: string;
  /** What it was made for, when it was made here: the card whose VLANs it splits, or the bond that it is. */
  readonly madeFor: string | undefined;
  readonly datapath: string;
  readonly ports: readonly OvsPort[];
}

/** Key under which a switch that was made here says what for. */
export const MADE_FOR = 'xenapi';

/** Commands that make ovs-vsctl print what `readSwitches` reads. */
export const LIST_SWITCHES: readonly (readonly string[])[] = [
  ['--columns=name,ports,external_ids,datapath_type', 'list', 'Bridge'],
  ['--columns=_uuid,name,interfaces,tag,fake_bridge', 'list', 'Port'],
  ['--columns=_uuid,name,type,ofport', 'list', 'Interface'],
];

const table = z.object({ headings: z.array(z.string()), data: z.array(z.array(z.unknown())) });
const uuid = z.tuple([z.literal('uuid'), z.string()]);
/** A set of one element is written as the element. */
const uuids = z.union([
  uuid.transform(([, one]) => [one]),
  z.tuple([z.literal('set'), z.array(uuid)]).transform(([, all]) => all.map(([, one]) => one)),
]);
const strings = z.tuple([z.literal('map'), z.array(z.tuple([z.string(), z.string()]))]).transform(([, all]) => new Map(all));
const bridgeRow = z.object({ name: z.string(), ports: uuids, external_ids: strings, datapath_type: z.string() });
const portRow = z.object({
  _uuid: uuid,
  name: z.string(),
  interfaces: uuids,
  tag: z.unknown().transform((tag) => (typeof tag === 'number' ? tag : undefined)),
  fake_bridge: z.boolean(),
});
/** The number is there, and not -1, when the interface works. */
const interfaceRow = z.object({ _uuid: uuid, name: z.string(), type: z.string(), ofport: z.unknown() });

/** Reads what ovs-vsctl printed for `LIST_SWITCHES`: a table on each line. Throws for anything else. */
export function readSwitches(text: string): OvsBridge[] {
  const [bridges = '', ports = '', interfaces = ''] = text.trim().split('\n');
  const interfacesById = new Map(rows(interfaces, interfaceRow).map((row) => [row._uuid[1], row]));
  const portsById = new Map(
    rows(ports, portRow).map((row): [string, OvsPort] => {
      const members = row.interfaces.flatMap((id) => interfacesById.get(id) ?? []);
      return [
        row._uuid[1],
        {
          name: row.name,
          tag: row.tag,
          interfaces: members.map(({ name }) => name),
          failed: members.filter(({ ofport }) => typeof ofport !== 'number' || ofport < 0).map(({ name }) => name),
          internal: members.some(({ type }) => type === 'internal'),
          fakeBridge: row.fake_bridge,
        },
      ];
    }),
  );
  return rows(bridges, bridgeRow).map((row) => ({
    name: row.name,
    madeFor: row.external_ids.get(MADE_FOR),
    datapath: row.datapath_type,
    ports: row.ports.flatMap((id) => portsById.get(id) ?? []),
  }));
}

function rows<T>(line: string, row: z.ZodType<T>): T[] {
  const { headings, data } = table.parse(JSON.parse(line));
  return data.map((values) => row.parse(Object.fromEntries(headings.map((heading, i) => [heading, values[i]]))));
}
