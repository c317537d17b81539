/** Milliseconds that a client has for the words of its command line and for its hello: it sends both at once. */
export const OPENING_TIME = 30_000;

/**
 * Milliseconds that a client may be silent while it transfers a file: it says that it still works every five minutes. One
 * whose machine has lost its power says nothing, and must not hold its task for ever.
 */
export const SILENCE = 15 * 60_000;

/**
 * Milliseconds that a client has for closing its side once it has got everything. While it still has to take something,
 * the time that any client may take nothing counts instead: a user may be reading the first page of many.
 */
export const FAREWELL = 30_000;

/** Longest answer: three numbers. Whatever is longer is no answer. */
export const ANSWER_LIMIT = 64;

/** Bytes of all files that one command reads from its client. */
export const LOAD_LIMIT = 32 * 1024 * 1024;

/**
 * Bytes that a chunk counts as at least. Each costs some memory besides its content, so that a file in chunks of nothing
 * would never end.
 */
export const SMALLEST_CHUNK = 1024;

/** Words of a command line. Nobody types more, and each may cost a look at every object, or a line in the answer. */
export const WORD_LIMIT = 4096;

/** Longest line that a user may type at a prompt. */
export const PROMPT_LIMIT = 64 * 1024;

/** Bytes that may lie here unread before the client is held back: one command has use for one file at most. */
export const UNREAD_LIMIT = 1024 * 1024;

/** Longest text in one message: a client in use puts longer ones together wrongly. */
export const PRINT_LIMIT = 16 * 1024;
