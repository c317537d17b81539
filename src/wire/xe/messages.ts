/** What the server tells the client to do. */
export type ServerMessage =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'load'; readonly fileName: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'http-get' | 'http-put'; readonly fileName: string; readonly url: string }
  | { readonly kind: 'error'; readonly code: string; readonly params: readonly string[] }
  | { readonly kind: 'debug'; readonly text: string }
  | { readonly kind: 'print-error'; readonly text: string }
  | { readonly kind: 'http-connect'; readonly url: string };

/** What the client answers. The bytes of a chunk follow it outside any frame. */
export type ClientMessage =
  | { readonly kind: 'ok' | 'failed' | 'wait' | 'end' }
  | { readonly kind: 'chunk'; readonly size: number };

/** The first number of a payload. */
export const TAG = { command: 9, response: 10, blob: 11 } as const;

/** The second number of a command. */
export const COMMAND_TAG = {
  print: 0,
  load: 1,
  prompt: 3,
  exit: 4,
  'http-get': 12,
  'http-put': 13,
  error: 14,
  debug: 15,
  'print-error': 16,
  'http-connect': 17,
} as const satisfies Readonly<Record<ServerMessage['kind'], number>>;

/** The second number of a response or of the head of a blob. */
export const ANSWER_TAG = { ok: 5, failed: 6, chunk: 7, end: 8, wait: 18 } as const satisfies Readonly<
  Record<ClientMessage['kind'], number>
>;
