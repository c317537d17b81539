import type { IncomingMessage } from 'node:http';
import type { CallOrigin } from '../api/rpc.js';
import type { Connection } from './connection.js';
import type { HttpLimits } from './limits.js';

const OTHER_CONFIG_PREFIX = 'x-http-other-config-';

/** Origin of a call that came over HTTP. */
export class HttpCallOrigin implements CallOrigin {
  readonly local: boolean;
  readonly address: string;
  declare readonly userAgent?: string;
  declare readonly originator?: string;
  declare readonly taskId?: string;
  declare readonly subtaskOf?: string;
  declare readonly otherConfig?: ReadonlyMap<string, string>;
  private controller: AbortController | undefined;
  private id: string | undefined;

  constructor(
    req: IncomingMessage,
    private readonly connection: Connection,
    limits: HttpLimits,
  ) {
    this.local = connection.peer.local;
    this.address = connection.peer.address;
    let otherConfig: Map<string, string> | undefined;
    const headers = req.headers;
    for (const name in headers) {
      const value = headers[name];
      if (typeof value !== 'string') continue;
      switch (name) {
        case 'user-agent':
          this.userAgent = utf8(value);
          break;
        case 'originator':
          this.originator = utf8(value);
          break;
        case 'task-id':
          this.taskId = utf8(value);
          break;
        case 'subtask-of':
          this.subtaskOf = utf8(value);
          break;
        default:
          if (!name.startsWith(OTHER_CONFIG_PREFIX)) break;
          otherConfig ??= new Map();
          if (otherConfig.size < limits.otherConfigHeaders) otherConfig.set(name.slice(OTHER_CONFIG_PREFIX.length), utf8(value));
      }
    }
    if (otherConfig) this.otherConfig = otherConfig;
  }

  /** Made when it is first asked for: few calls leave anything in the log. */
  get requestId(): string {
    this.id ??= this.connection.nextRequestId();
    return this.id;
  }

  /** Made when it is first asked for: few calls wait for anything. */
  get signal(): AbortSignal {
    this.controller ??= this.connection.watch();
    return this.controller.signal;
  }

  /** The call is over: its signal will not be aborted any more. */
  release(): void {
    if (this.controller) this.connection.forget(this.controller);
  }
}

/** Header text, which the parser takes as Latin-1 and clients send in UTF-8. */
function utf8(value: string): string {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0x7f) return Buffer.from(value, 'latin1').toString('utf8');
  return value;
}
