import { z } from 'zod';

const text = z.string();
const nodeName = z.string().min(1).max(4096);

const words = z.record(text, text).transform((entries): ReadonlyMap<string, string> => new Map(Object.entries(entries)));

const volume = z.object({
  uuid: z.guid(),
  location: z.string().min(1).max(255),
  node: nodeName,
  readOnly: z.boolean(),
  name: text,
  description: text,
  /** Records of earlier versions have none. */
  properties: words.default(new Map()),
  smConfig: words,
});

/** What is written down about a volume: the node that has its current data, and what is said of it. */
export type VolumeRecord = Readonly<z.infer<typeof volume>>;

const intent = z.object({
  /** Nodes that the operation makes or makes superfluous: those that nobody uses at its end are removed. */
  nodes: z.array(nodeName),
  /** Uuids of volumes that are there only when it has succeeded. */
  volumes: z.array(z.guid()),
  /** How a record is to be once a running domain has gone over from one node to another. */
  forward: z.object({ record: volume, from: nodeName }).optional(),
  /** Two layers that are becoming one. */
  merge: z
    .object({
      upper: nodeName,
      lower: nodeName,
      /** Whether the upper one is the newest of a disk, so that it may be written to. */
      isNewest: z.boolean(),
      /** Whether a domain moves the data. */
      isLive: z.boolean(),
      /** Whether that domain stands still until it goes on without the upper one. */
      isHeld: z.boolean(),
    })
    .optional(),
});

/** What is noted of layers that are becoming one. */
export type MergeIntent = NonNullable<Intent['merge']>;

/** What an operation is about to do, written down first, so that what a crash leaves of it can be told from what is needed. */
export type Intent = Readonly<z.infer<typeof intent>>;

/** The text of a record of a volume on a medium. */
export function volumeText(record: VolumeRecord): string {
  return JSON.stringify(plain(record), undefined, 1);
}

/** Reads what `volumeText` wrote; throws for anything else. */
export function parseVolume(text: string): VolumeRecord {
  return volume.parse(JSON.parse(text));
}

/** The text of an intent on a medium. */
export function intentText({ forward, ...rest }: Intent): string {
  return JSON.stringify({ ...rest, ...(forward && { forward: { ...forward, record: plain(forward.record) } }) });
}

/** Reads what `intentText` wrote; throws for anything else. */
export function parseIntent(text: string): Intent {
  return intent.parse(JSON.parse(text));
}

function plain(record: VolumeRecord): unknown {
  return { ...record, properties: Object.fromEntries(record.properties), smConfig: Object.fromEntries(record.smConfig) };
}
