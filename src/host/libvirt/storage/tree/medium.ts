import type { SrSpace } from '../../../storage.js';
import type { GrowingDisks, VolumeSource } from '../../volume-source.js';
import type { ImageFormat } from '../image/image-facts.js';
import type { Intent, VolumeRecord } from './records.js';
import type { NodePair } from './volume-tree.js';

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
  /** Whether it is somebody else's for good: it can be read, but is neither changed nor built upon. */
  readonly foreign?: boolean;
}

/** What a node over nothing is like. Size in bytes. */
export interface NodeShape {
  readonly format: 'qcow2' | 'raw';
  readonly virtualSize: number;
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
  /** Name for a new node; qcow2 unless given. */
  newName(format?: NodeShape['format']): string;
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
  /** What the node of a new volume is to be like, for one that is to have so many bytes and is configured so. */
  shapeOf(virtualSize: number, smConfig: ReadonlyMap<string, string>): NodeShape;
  /** Makes an empty node over another one, or over nothing. Only one over nothing may be raw. Rejects with ImageError. */
  createNode(name: string, shape: NodeShape, parent: Node | undefined): Promise<void>;
  /** Removes a node if it is there. */
  removeNode(name: string): Promise<void>;
  growNode(node: Node, virtualSize: number): Promise<void>;
  /** The same where a domain uses the node and makes it larger itself, by `grow`. */
  growUsed(node: Node, virtualSize: number, grow: () => Promise<void>): Promise<void>;
  /** Keeps a node from being written to by mistake: others stand on it from now on. */
  sealNode(name: string): Promise<void>;
  /**
   * Makes two nodes ready to become one: both can be reached, and the lower one be written to and has room for all that the upper one
   * holds. Throws what `provide` and `makeRoom` do.
   */
  prepareMerge(pair: NodePair): Promise<void>;
  /** Moves what the upper one holds into the lower one, where nobody has them open; nothing changes for who reads above. Rejects with ImageError. */
  mergeNodes(pair: NodePair, signal: AbortSignal): Promise<void>;
  /** They are one, or are not to be any more. `isUsed`: whether a domain writes to the lower one now. */
  endMerge(pair: NodePair, isUsed: boolean): Promise<void>;
  /** Rejects with ImageError when somebody has a node open for writing. */
  needFree(name: string): Promise<void>;
  /** Name of the node that QEMU finds below one, whatever is noted. */
  parentOf(name: string): Promise<string | undefined>;
  /** Puts a node on another one with the same content. Rejects with ImageError when somebody has it open, unless QEMU finds it there already. */
  relinkNode(node: Node, parent: Node): Promise<void>;
  /** Whether nothing was ever written into a node that nobody has open. */
  isUnwritten(node: Node): Promise<boolean>;
  /** Absolute paths of a node: the one that domains are given, then other spellings of it that a description may have. */
  paths(name: string): readonly [string, ...string[]];
  /**
   * Name of the node that a path is; undefined outside of the SR, and where nothing is. What is asked for is a disk of a domain,
   * so that it counts as a node from now on, whatever it looks like.
   */
  nodeAt(path: string): string | undefined;
  /** Makes a node and what lies below it reachable, for somebody who opens it soon. Rejects with ImageError. */
  provide(name: string, access: 'read' | 'write'): Promise<void>;
  /** Makes room for so many more bytes to be written into a node. Rejects with ImageError. */
  makeRoom(name: string, bytes: number): Promise<void>;
  /** Whoever wrote into a node under the room that was made is done. */
  giveBackRoom(name: string): Promise<void>;
  /** The memory image that belongs to a volume: its path, and the bytes that it takes or undefined while there is none. */
  memoryPath(volume: string): string;
  memorySize(volume: string): Promise<{ readonly size: number; readonly allocated: number } | undefined>;
  /** Makes sure that a domain can write memory of so many bytes to the path of a memory image. Rejects with ImageError. */
  prepareMemory(volume: string, size: number): Promise<void>;
  /** Makes the content of a disk, of so many bytes, the memory image of a volume. Rejects with ImageError. */
  importMemory(volume: string, from: VolumeSource, size: number): Promise<void>;
  /** Gives the memory image of one volume to another one too. Nothing to do when there is none. */
  shareMemory(from: string, to: string): Promise<void>;
  removeMemory(volume: string): Promise<void>;
  /** How room is made for running domains; absent where nobody has to. */
  readonly growing?: GrowingDisks;
  /** Gives back what the host holds of it, as far as nobody uses it. */
  close?(): Promise<void>;
  readonly records: RecordStore;
}
