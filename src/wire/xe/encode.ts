import { ANSWER_TAG, type ClientMessage, COMMAND_TAG, type ServerMessage, TAG } from './messages.js';

/** A number as the protocol has it: four bytes, the least one first. */
function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function string(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [int(bytes.length), bytes];
}

function frame(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([int(parts.reduce((sum, part) => sum + part.length, 0)), ...parts]);
}

/** A message to the client, framed. */
export function encodeServerMessage(message: ServerMessage): Buffer {
  return frame(int(TAG.command), int(COMMAND_TAG[message.kind]), ...serverArguments(message));
}

function serverArguments(message: ServerMessage): Buffer[] {
  switch (message.kind) {
    case 'print':
    case 'debug':
    case 'print-error':
      return string(message.text);
    case 'load':
      return string(message.fileName);
    case 'prompt':
      return [];
    case 'exit':
      return [int(message.code)];
    case 'http-get':
    case 'http-put':
      return [...string(message.fileName), ...string(message.url)];
    case 'http-connect':
      return string(message.url);
    case 'error':
      return [...string(message.code), int(message.params.length), ...message.params.flatMap(string)];
  }
}

/** A message to the server, framed. The bytes of a chunk are to follow. */
export function encodeClientMessage(message: ClientMessage): Buffer {
  const tag = message.kind === 'chunk' || message.kind === 'end' ? TAG.blob : TAG.response;
  return frame(int(tag), int(ANSWER_TAG[message.kind]), ...(message.kind === 'chunk' ? [int(message.size)] : []));
}
