import type { SecureContext } from 'node:tls';
import { ApiError } from '../model/error.js';
import { encodeExport, encodeGreeting } from '../wire/nbd/greeting.js';
import {
  CONTEXT,
  EXPORT_FLAG,
  FIXED_NEWSTYLE,
  INFO,
  LENGTH,
  NO_ZEROES,
  OPTION,
  OPTION_REPLY,
  STANDARD_PAYLOAD,
} from '../wire/nbd/numbers.js';
import {
  decodeExportRequest,
  decodeMetaContextRequest,
  decodeOptionHead,
  encodeBlockSizes,
  encodeExportInfo,
  encodeMetaContext,
  encodeOptionReply,
} from '../wire/nbd/options.js';
import { NbdProtocolError } from '../wire/nbd/protocol-error.js';
import type { Exports, OpenExport, Security } from './exports.js';
import type { NbdLimits } from './limits.js';
import type { Line } from './line.js';

/** Smallest requests, and those that suit disks best, in bytes: any, and as large as blocks of images are. */
const SMALLEST_BLOCK = 1;
const PREFERRED_BLOCK = 64 * 1024;

/** Number by which the one context is called. */
export const ALLOCATION_ID = 1;

/** What the talk before data flows has come to. */
export interface Agreement {
  readonly disk: OpenExport;
  /** Answers come in parts, with holes as such. */
  readonly isStructured: boolean;
  /** The client may ask which blocks are zeros. */
  readonly tellsBlocks: boolean;
}

/** What the talk needs. */
export interface HandshakeOptions {
  readonly line: Line;
  readonly exports: Exports;
  readonly security: Security;
  readonly secureContext: () => Promise<SecureContext>;
  readonly limits: NbdLimits;
}

/** Agrees with a client on a disk and on how to talk about it; undefined when the client has changed its mind. */
export function shakeHands(options: HandshakeOptions): Promise<Agreement | undefined> {
  return new Handshake(options).run();
}

class Handshake {
  readonly #options: HandshakeOptions;
  #pads = true;
  #isFixed = false;
  #isStructured = false;
  /** Name of the export of which blocks are to be told. */
  #tellsBlocksOf: string | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  async run(): Promise<Agreement | undefined> {
    const { line, limits, security } = this.#options;
    await this.#say(encodeGreeting(FIXED_NEWSTYLE | NO_ZEROES));
    this.#takeFlags((await line.read(LENGTH.clientFlags)).readUInt32BE());
    for (let asked = 0; asked < limits.options; asked++) {
      const { option, length } = decodeOptionHead(await line.read(LENGTH.option));
      if (length > limits.optionData) throw new NbdProtocolError('the data of an option is too long');
      const data = await line.read(length);
      if (option === OPTION.abort) {
        await this.#reply(option, OPTION_REPLY.ack);
        return undefined;
      }
      if (option === OPTION.startTls) await this.#startTls(length);
      else if (security === 'required' && !line.isSecure) await this.#demandTls(option);
      else if (option === OPTION.exportName) return this.#export(data.toString('utf8'));
      else {
        const agreement = await this.#answer(option, data);
        if (agreement) return agreement;
      }
    }
    throw new NbdProtocolError('the client asks for options without end');
  }

  #takeFlags(flags: number): void {
    if (flags & ~(FIXED_NEWSTYLE | NO_ZEROES)) throw new NbdProtocolError('the client wants what was not offered');
    this.#isFixed = (flags & FIXED_NEWSTYLE) !== 0;
    this.#pads = (flags & NO_ZEROES) === 0;
  }

  async #startTls(length: number): Promise<void> {
    const { line, secureContext } = this.#options;
    if (length > 0 || line.isSecure) return this.#reply(OPTION.startTls, OPTION_REPLY.invalid, 'TLS cannot begin here');
    await line.startTls(encodeOptionReply(OPTION.startTls, OPTION_REPLY.ack), await secureContext());
    // What was agreed on in clear may have been said by somebody in between.
    this.#isStructured = false;
    this.#tellsBlocksOf = undefined;
  }

  async #demandTls(option: number): Promise<void> {
    if (option === OPTION.exportName) throw new NbdProtocolError('the client asks for an export without TLS');
    await this.#reply(option, OPTION_REPLY.tlsRequired, 'TLS is needed here: ask for it with STARTTLS');
  }

  async #answer(option: number, data: Buffer): Promise<Agreement | undefined> {
    if (!this.#isFixed) throw new NbdProtocolError('the client asks for an option that it does not know');
    try {
      switch (option) {
        case OPTION.structuredReply:
          if (data.length > 0) throw new NbdProtocolError('the option has no data');
          this.#isStructured = true;
          await this.#reply(option, OPTION_REPLY.ack);
          return undefined;
        case OPTION.listMetaContext:
        case OPTION.setMetaContext:
          await this.#contexts(option, data);
          return undefined;
        case OPTION.info:
        case OPTION.go:
          return await this.#inform(option, data);
        case OPTION.list:
          await this.#reply(option, OPTION_REPLY.policy, 'Names of exports come from VDI.get_nbd_info');
          return undefined;
        default:
          await this.#reply(option, OPTION_REPLY.unsupported);
          return undefined;
      }
    } catch (thrown) {
      const [type, text] = refusalOf(thrown);
      await this.#reply(option, type, text);
      return undefined;
    }
  }

  /** The one kind of context, where the client asks for it; where it only lists them, the whole of the family or everything. */
  async #contexts(option: number, data: Buffer): Promise<void> {
    const { name, queries } = decodeMetaContextRequest(data);
    this.#options.exports.size(name);
    const isList = option === OPTION.listMetaContext;
    if (!isList && !this.#isStructured) throw new NbdProtocolError('contexts need structured replies');
    const isMeant = (query: string) => query === CONTEXT.allocation || (isList && query === 'base:');
    const isWanted = queries.some(isMeant) || (isList && queries.length === 0);
    if (!isList) this.#tellsBlocksOf = isWanted ? name : undefined;
    if (isWanted) await this.#reply(option, OPTION_REPLY.metaContext, encodeMetaContext(ALLOCATION_ID, CONTEXT.allocation));
    await this.#reply(option, OPTION_REPLY.ack);
  }

  async #inform(option: number, data: Buffer): Promise<Agreement | undefined> {
    const { name, wanted } = decodeExportRequest(data);
    const disk = option === OPTION.go ? await this.#open(name) : undefined;
    try {
      const size = disk?.size ?? this.#options.exports.size(name);
      await this.#reply(option, OPTION_REPLY.info, encodeExportInfo(size, this.#flags));
      if (wanted.includes(INFO.blockSize)) {
        const sizes = encodeBlockSizes(SMALLEST_BLOCK, PREFERRED_BLOCK, STANDARD_PAYLOAD);
        await this.#reply(option, OPTION_REPLY.info, sizes);
      }
      await this.#reply(option, OPTION_REPLY.ack);
    } catch (thrown) {
      await disk?.close();
      throw thrown;
    }
    return disk && this.#agreed(name, disk);
  }

  /** The oldest way: there is no answer that refuses. */
  async #export(name: string): Promise<Agreement> {
    const disk = await this.#open(name);
    try {
      await this.#say(encodeExport(disk.size, this.#flags, this.#pads));
    } catch (thrown) {
      await disk.close();
      throw thrown;
    }
    return this.#agreed(name, disk);
  }

  #open(name: string): Promise<OpenExport> {
    const { exports, line } = this.#options;
    return exports.open(name, line.gone);
  }

  #agreed(name: string, disk: OpenExport): Agreement {
    return { disk, isStructured: this.#isStructured, tellsBlocks: this.#tellsBlocksOf === name };
  }

  get #flags(): number {
    const { hasFlags, readOnly, sendFlush, sendDontFragment, canMultiConn } = EXPORT_FLAG;
    return hasFlags | readOnly | sendFlush | canMultiConn | (this.#isStructured ? sendDontFragment : 0);
  }

  #reply(option: number, type: number, data?: Buffer | string): Promise<void> {
    return this.#say(encodeOptionReply(option, type, data));
  }

  #say(bytes: Buffer): Promise<void> {
    const { line, limits } = this.#options;
    return line.write([bytes], limits.stallTime);
  }
}

/** How a refusal is told. Throws again what is none. */
function refusalOf(thrown: unknown): [type: number, text: string] {
  if (thrown instanceof NbdProtocolError) return [OPTION_REPLY.invalid, thrown.message];
  if (!(thrown instanceof ApiError)) throw thrown;
  const isUnknown = thrown.code === 'UUID_INVALID' || thrown.code === 'HANDLE_INVALID';
  // Parameters may hold the session, which is in the name already, but not in logs of clients.
  return [isUnknown ? OPTION_REPLY.unknown : OPTION_REPLY.policy, thrown.code];
}
