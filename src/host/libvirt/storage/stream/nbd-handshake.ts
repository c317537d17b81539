import { ImageError } from '../image/image-error.js';
import type { ByteSource } from './byte-source.js';
import { FIXED_NEWSTYLE, INFO_EXPORT, LENGTH, NBD, NO_ZEROES, OPTION, OPTION_REPLY, optionRequest } from './nbd-protocol.js';

/** Longest answer to an option; those to the few that are asked for are short. */
const LONGEST_ANSWER = 4096;

/** Agrees with a server on how to talk about its only disk; resolves to the bytes of that. Rejects when it is no NBD server. */
export async function shakeHands(source: ByteSource): Promise<number> {
  const greeting = await bytes(source, LENGTH.greeting);
  if (greeting.toString('latin1', 0, 16) !== NBD.magic + NBD.optionMagic) throw new ImageError('failed', 'no NBD server');
  const flags = Buffer.alloc(4);
  flags.writeUInt32BE(FIXED_NEWSTYLE | NO_ZEROES);
  source.socket.write(flags);
  // Holes then come as what they are, not as zeros.
  await ask(source, OPTION.structuredReply, Buffer.alloc(0));
  // The export without a name, no kinds of information asked for: the size comes in any case.
  const size = await ask(source, OPTION.go, Buffer.alloc(6));
  if (size === undefined) throw new ImageError('failed', 'an NBD server did not tell the size');
  return size;
}

/** Asks for an option; the size of the disk where the answer has it. */
async function ask(source: ByteSource, option: number, data: Buffer): Promise<number | undefined> {
  source.socket.write(optionRequest(option, data));
  let size: number | undefined;
  for (;;) {
    const head = await bytes(source, LENGTH.optionReply);
    const [type, length] = [head.readUInt32BE(12), head.readUInt32BE(16)];
    if (head.readBigUInt64BE(0) !== NBD.optionReplyMagic || length > LONGEST_ANSWER)
      throw new ImageError('failed', 'no NBD server');
    const answer = await bytes(source, length);
    if (type === OPTION_REPLY.ack) return size;
    if (type >= OPTION_REPLY.error) throw new ImageError('failed', `an NBD server refused: ${answer.toString()}`);
    if (type === OPTION_REPLY.info && length >= 10 && answer.readUInt16BE(0) === INFO_EXPORT)
      size = Number(answer.readBigUInt64BE(2));
  }
}

function bytes(source: ByteSource, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  if (length === 0) return Promise.resolve(target);
  return new Promise((resolve) => source.expect(target, () => resolve(target)));
}
