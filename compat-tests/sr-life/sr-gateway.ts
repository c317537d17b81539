import type { Xapi } from 'xen-api';

/** A gateway, wherever it runs, with which SRs are put through their lives. */
export interface SrGateway {
  readonly xapi: Xapi;
  /** Milliseconds in which clients have heard of what has happened. */
  readonly soon: number;
  /** A disk with the test guest, in an SR that is not under test. It stays. */
  guestDisk(): Promise<string>;
  /** The same as a qcow2 image. */
  guestImage(): Promise<Buffer>;
  /** Gives a VM what its guest needs to tell that it is up. */
  furnish(vm: string): Promise<void>;
  /** Resolves when the guest of a VM has told that it is up. */
  guestUp(vm: string): Promise<void>;
  /** Writes a small file inside the running guest of a domain, so that it is on the disk. */
  write(domain: string, path: string, text: string): Promise<void>;
  /** The beginning of a file inside the running guest of a domain. */
  read(domain: string, path: string): Promise<string>;
  /** Everything on the host that an SR or a VM could leave behind, to be compared. */
  leftovers(): Promise<unknown>;
  /** Kills the gateway as a crash does, starts it again and logs in again. */
  crashAndStart(): Promise<void>;
}

/** An SR of some kind that does not exist yet. */
export interface SrUnderTest {
  readonly type: string;
  readonly deviceConfig: Readonly<Record<string, string>>;
  readonly shared: boolean;
  /** What holds the SR on the host: mounts, sessions, mappings. Nothing while it is not attached. */
  held(): Promise<readonly string[]>;
  /** What is left on its storage: signatures, files, volumes. */
  content(): Promise<unknown>;
}
