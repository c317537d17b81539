import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './levels.js';
import { toLogFields, toLogText } from './log-value.js';

/** Lines that may wait for a slow disk or pipe, in bytes; beyond, lines are dropped rather than memory filled. */
const MAX_WAITING = 16 * 1024 * 1024;

const STANDARD_ERROR = 2;

/** The daemon's log: one JSON object a line. `fatal`, `error`, `warn`, `info`, `debug`, `trace`; fields first, then the text. */
export type Log = Logger;

export interface LogOptions {
  readonly level: LogLevel;
  /** Path of the log file; standard error when absent. */
  readonly file?: string | undefined;
  /** Receives the lines instead of a file: for tests. */
  readonly stream?: DestinationStream;
}

/** What a request's lines carry, so that they can be found together. */
export interface RequestFields {
  readonly request?: string;
  readonly task?: string;
  readonly method?: string;
  readonly user?: string;
  /** Reference of the session; the log shows a mask of it. */
  readonly session?: string;
}

/** Makes the log. Values are bounded in length, and secrets that were passed by mistake are masked. */
export function createLog({ level, file, stream }: LogOptions): Log {
  const out =
    stream ?? destination({ dest: file ?? STANDARD_ERROR, sync: false, maxLength: MAX_WAITING, mkdir: true, mode: 0o640 });
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: toLogFields },
      // Errors are made into fields with the rest; pino's own way would undo that.
      serializers: { err: (fields: unknown) => fields },
      hooks: {
        // Text and its arguments are put together here, so that the bound and the masks hold for the whole of it.
        logMethod(args, method) {
          const [first, ...rest] = args as unknown[];
          if (typeof first === 'string') return method.call(this, toLogText([first, ...rest].map(String).join(' ')));
          const [text, ...more] = rest;
          if (text === undefined)
            return first instanceof Error
              ? method.call(this, { err: first }, toLogText(first.message))
              : method.apply(this, args);
          return method.call(this, first, toLogText([text, ...more].map(String).join(' ')));
        },
      },
    },
    out,
  );
}

/** A log whose lines carry the fields of a request. */
export function requestLog(log: Log, fields: RequestFields): Log {
  return log.child(toLogFields({ ...fields }));
}

/** A log for tests and for parts that run without one. */
export function silentLog(): Log {
  return createLog({ level: 'silent', stream: { write: () => undefined } });
}
