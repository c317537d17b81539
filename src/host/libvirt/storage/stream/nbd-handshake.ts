import { decodeGreeting, encodeClientFlags } from '../../../../wire/nbd/greeting.js';
import { FIXED_NEWSTYLE, LENGTH, NO_ZEROES, OPTION, OPTION_REPLY } from '../../../../wire/nbd/numbers.js';
import {
  decodeExportInfo,
  decodeMetaContext,
  decodeOptionReplyHead,
  encodeExportRequest,
  encodeMetaContextRequest,
  encodeOption,
} from '../../../../wire/nbd/options.js';
import { NbdProtocolError } from '../../../../wire/nbd/protocol-error.js';
import { ImageError } from '../image/image-error.js';
import type { ByteSource } from './byte-source.js';

/** Longest answer to an option; those to the few that are asked for are short. */
const LONGEST_ANSWER = 4096;
/** Most answers to an option: servers give a few kinds of information. */
const MOST_ANSWERS = 64;

/** Name of the only disk of a server. */
const DISK = '';

/** What was agreed on with a server. */
export interface Agreement {
  /** Bytes of the disk. */
  readonly size: number;
  /** By what number the server calls each context in which blocks can be asked for. */
  readonly contexts: ReadonlyMap<number, string>;
}

/**
 * Agrees with a server on how to talk about its only disk, and on the contexts in which its blocks can be asked for. Rejects when
 * it is no NBD server.
 */
export async function shakeHands(source: ByteSource, contexts: readonly string[]): Promise<Agreement> {
  decodeGreeting(await bytes(source, LENGTH.greeting));
  source.socket.write(encodeClientFlags(FIXED_NEWSTYLE | NO_ZEROES));
  // Holes then come as what they are, not as zeros.
  await ask(source, OPTION.structuredReply, Buffer.alloc(0));
  const known = new Map<number, string>();
  if (contexts.length > 0) {
    const request = encodeMetaContextRequest({ name: DISK, queries: contexts });
    for (const { type, data } of await ask(source, OPTION.setMetaContext, request)) {
      if (type !== OPTION_REPLY.metaContext) continue;
      const { id, context } = decodeMetaContext(data);
      known.set(id, context);
    }
  }
  let size: number | undefined;
  // No kinds of information are asked for: the size comes in any case.
  for (const { type, data } of await ask(source, OPTION.go, encodeExportRequest({ name: DISK, wanted: [] }))) {
    if (type === OPTION_REPLY.info) size = decodeExportInfo(data)?.size ?? size;
  }
  if (size === undefined) throw new ImageError('failed', 'an NBD server did not tell the size');
  return { size, contexts: known };
}

interface Answer {
  readonly type: number;
  readonly data: Buffer;
}

/** Asks for an option; what the server says before it agrees. */
async function ask(source: ByteSource, option: number, data: Buffer): Promise<readonly Answer[]> {
  source.socket.write(encodeOption(option, data));
  const answers: Answer[] = [];
  while (answers.length < MOST_ANSWERS) {
    const head = await bytes(source, LENGTH.optionReply);
    const { type, length } = decodeOptionReplyHead(head);
    if (length > LONGEST_ANSWER) throw new NbdProtocolError('an answer is too long');
    const answer = await bytes(source, length);
    if (type === OPTION_REPLY.ack) return answers;
    if (type >= OPTION_REPLY.error) throw new ImageError('failed', `an NBD server refused: ${answer.toString()}`);
    answers.push({ type, data: answer });
  }
  throw new ImageError('failed', 'an NBD server does not come to an end');
}

function bytes(source: ByteSource, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  if (length === 0) return Promise.resolve(target);
  return new Promise((resolve) => source.expect(target, () => resolve(target)));
}
