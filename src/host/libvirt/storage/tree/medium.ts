import type { SrSpace } from '../../../storage.js';
import type { ImageFormat } from '../image/image-facts.js';
import type { Intent, VolumeRecord } from './records.js';

/** A layer of disks: an image on the medium of an SR. Sizes in bytes. */
export interface Node {
  /** Unique in its SR; also what the header of an image above it says. */
  readonly name: string;
  readonly format: ImageFormat;
  readonly virtualSize: number;
  /** Bytes that it takes on the medium. */
  readonly allocated: number;
  /** Name of the node below; undefined for none. */
  readonly parent: string | undefined;
  /** Whether it stands on an image outside of the SR. */
  readonly outside: boolean;
}

/** What was written down about an SR on its medium. */
export interface Records {
  readonly volumes: readonly VolumeRecord[];
  /** Names of nodes that were found on the medium and have become layers of disks. */
  readonly claims: readonly string[];
  readonly intents: ReadonlyMap<string, Intent>;
}

/**
 * Keeps what is written down about an SR on its medium. A change is on the medium when its promise resolves, and whole or
 * absent after a crash.
 */
export interface RecordStore {
  load(): Promise<Records>;
  putVolume(record: VolumeRecord): Promise<void>;
  removeVolume(uuid: string): Promise<void>;
  putClaim(node: string): Promise<void>;
  removeClaim(node: string): Promise<void>;
  putIntent(id: string, intent: Intent): Promise<void>;
  removeIntent(id: string): Promise<void>;
}

/**
 * Where the nodes of an SR lie, and the records that say which disks they are: a directory, or a volume group. What is made or
 * removed is so for good when the promise resolves.
 */
export interface Medium {
  readonly kind: 'file' | 'block';
  space(): Promise<SrSpace>;
  /** Everything that could be a node, as it is now. */
  nodes(): Promise<ReadonlyMap<string, Node>>;
  /** One node as it is now. */
  node(name: string): Promise<Node | undefined>;
  /** Name for a new node. */
  newName(): string;
  /** Whether nodes of a name are made here; others are found on the medium. */
  isOwn(name: string): boolean;
  /** Name of the node above which others would make one of that name, when it is not known yet. */
  originOf(name: string): string;
  /**
   * Location of the volume that a found node is by itself, and the other way round; undefined for what no node can have as
   * location.
   */
  locationOf(name: string): string;
  foundName(location: string): string | undefined;
  /** Makes an empty node of a size over another one, or over nothing. Rejects with ImageError. */
  createNode(name: string, virtualSize: number, parent: Node | undefined): Promise<void>;
  /** Removes a node if it is there. */
  removeNode(name: string): Promise<void>;
  growNode(node: Node, virtualSize: number): Promise<void>;
  /** Keeps a node from being written to by mistake: others stand on it from now on. */
  sealNode(name: string): Promise<void>;
  /** Whether nothing was ever written into a node that nobody has open. */
  isUnwritten(node: Node): Promise<boolean>;
  /** Absolute paths of a node: the one that domains are given, then other spellings of it that a description may have. */
  paths(name: string): readonly [string, ...string[]];
  /**
   * Name of the node that a path is; undefined outside of the SR, and where nothing is. What is asked for is a disk of a domain,
   * so that it counts as a node from now on, whatever it looks like.
   */
  nodeAt(path: string): string | undefined;
  /** The memory image that belongs to a volume: its path, and the bytes that it takes or undefined while there is none. */
  memoryPath(volume: string): string;
  memorySize(volume: string): Promise<{ readonly size: number; readonly allocated: number } | undefined>;
  /** Gives the memory image of one volume to another one too. Nothing to do when there is none. */
  shareMemory(from: string, to: string): Promise<void>;
  removeMemory(volume: string): Promise<void>;
  readonly records: RecordStore;
}
