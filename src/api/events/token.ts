import { ApiError } from '../../model/error.js';

/** How far a client has seen: the generation of objects and that of messages. */
export interface EventToken {
  readonly objects: number;
  readonly messages: number;
}

/** The token of a client that has seen nothing. */
export const FROM_THE_START: EventToken = { objects: 0, messages: 0 };

const WIDTH = 20;

function pad(value: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(WIDTH - 1, '0')}` : digits.padStart(WIDTH, '0');
}

/** Text whose order as text is the order in time. */
export function formatToken({ objects, messages }: EventToken): string {
  return `${pad(objects)},${pad(messages)}`;
}

/** Reads a token; empty text is the start. Throws EVENT_FROM_TOKEN_PARSE_FAILURE on anything else that is none. */
export function parseToken(text: string): EventToken {
  if (text === '') return FROM_THE_START;
  const match = /^(-?\d+),(-?\d+)$/.exec(text);
  if (!match) throw new ApiError('EVENT_FROM_TOKEN_PARSE_FAILURE', text);
  return { objects: Number(match[1]), messages: Number(match[2]) };
}
