import { z } from 'zod';

/** A disk as an SR keeps it. Size in bytes. */
export interface VolumeRecord {
  readonly uuid: string;
  readonly location: string;
  readonly size: number;
  readonly readOnly: boolean;
  readonly name: string;
  readonly description: string;
  /** As in its label; records of earlier versions have none. */
  readonly properties?: ReadonlyMap<string, string> | undefined;
  readonly smConfig: ReadonlyMap<string, string>;
  /** Bytes that the data took on the storage that this volume stands for; the data itself is not here. */
  readonly claimed?: number | undefined;
  /** Newest node of its chain. */
  readonly node: string;
}

/** A layer of disks. Size in bytes. */
export interface NodeRecord {
  readonly size: number;
  /** The layer below; null for the lowest. */
  readonly parent: string | null;
}

export const volumeRecord: z.ZodType<VolumeRecord> = z.object({
  uuid: z.guid(),
  location: z.string(),
  size: z.int().nonnegative(),
  readOnly: z.boolean(),
  name: z.string(),
  description: z.string(),
  properties: z.map(z.string(), z.string()).optional(),
  smConfig: z.map(z.string(), z.string()),
  claimed: z.int().nonnegative().optional(),
  node: z.uuid(),
});

export const nodeRecord: z.ZodType<NodeRecord> = z.object({ size: z.int().nonnegative(), parent: z.uuid().nullable() });
