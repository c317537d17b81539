import type { ApiError } from '../model/error.js';
import type { TypeNode } from '../model/type-syntax.js';

/** Where a call came from and what its HTTP headers say. */
export interface CallOrigin {
  /** The local Unix socket, whose peers are trusted as root. */
  readonly local: boolean;
  /** Address of the client as text, for logs. */
  readonly address: string;
  /** Name of the request in the log. */
  readonly requestId?: string;
  readonly userAgent?: string;
  readonly originator?: string;
  /** An existing task that the call drives (`task-id`), and the parent of the task that it makes (`subtask-of`). */
  readonly taskId?: string;
  readonly subtaskOf?: string;
  /** `x-http-other-config-KEY` headers, by KEY. The task of the call keeps them as `http:KEY`. */
  readonly otherConfig?: ReadonlyMap<string, string>;
  /** Aborted when the client has gone away. */
  readonly signal?: AbortSignal;
  /** Part of a request that has been let in and counted already. */
  readonly admitted?: true;
}

/** A call as it comes off a wire: still untyped, with the means to type it. */
export interface RpcRequest {
  /** Name as sent: `VM.start`, `VM_start`, `Async.VM.start`. */
  readonly method: string;
  /** Parameters as the wire's parser left them; only `decode` and `textOf` look inside. */
  readonly params: readonly unknown[];
  /** The value of a raw parameter as a type of the model. Throws ApiError INTERNAL_ERROR when it is not of that type. */
  decode(type: TypeNode, raw: unknown): unknown;
  /** Text of a raw parameter that is text on the wire, else undefined: to take the first one as a session. */
  textOf(raw: unknown): string | undefined;
  readonly origin: CallOrigin;
}

/** What comes of a call. `bare` results (system.listMethods) go out without the Status/Value envelope in XML-RPC. */
export type RpcOutcome =
  | { readonly ok: true; readonly type: TypeNode; readonly value: unknown; readonly bare?: true }
  | { readonly ok: false; readonly error: ApiError };

/** The API as the HTTP floor sees it. Never rejects. May answer at once or later. */
export interface RpcService {
  call(request: RpcRequest): RpcOutcome | Promise<RpcOutcome>;
}
