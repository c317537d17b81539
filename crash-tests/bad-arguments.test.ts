import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MessageModel, messageModels } from '../src/model/message-model.js';
import type { TypeNode } from '../src/model/type-syntax.js';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc, RpcError } from '../test-support/rpc.js';

// Every message of the model, with arguments that make no sense. A pool of its own: some calls may take effect.
let dataDir: string;
let daemon: Daemon;
let rpc: Rpc;
beforeAll(async () => {
  dataDir = await newDataDir();
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=1', args: ['--log-level', 'error'] });
  rpc = await Rpc.login(daemon);
});
afterAll(async () => {
  rpc.close();
  expect(await daemon.stop(), daemon.process.output).toEqual({ code: 0, signal: null });
  await remove(dataDir);
});

const UNKNOWN = 'OpaqueRef:00000000-dead-beef-0000-000000000000';
const byClass = new Map<string, MessageModel[]>();
for (const message of messageModels) {
  // A getter has no arguments but the object, and there are a thousand of them.
  if (!message.session || message.removed || message.kind === 'get') continue;
  const ofClass = byClass.get(message.class.name) ?? [];
  ofClass.push(message);
  byClass.set(message.class.name, ofClass);
}

async function failureOf(message: MessageModel, args: readonly unknown[]): Promise<RpcError | undefined> {
  try {
    await rpc.call(message.fullName, ...args);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof RpcError) return thrown;
    throw new Error(`${message.fullName}(${JSON.stringify(args)}): ${thrown}\n${daemon.process.output}`);
  }
}

/** Calls that ended with an error which is none of the API, as the daemon has logged them since this was asked last. */
async function unexpected(): Promise<string[]> {
  await sleep(50);
  const lines = daemon.process.takeOutput().split('\n');
  return lines
    .filter((line) => /unexpectedly|uncaught|unhandled|nobody heard of it/i.test(line))
    .map((line) => line.slice(0, 500));
}

describe('values of wrong types are refused by every message of', () => {
  const WRONG: readonly unknown[] = [{ a: [{}] }, [[{}]], true];
  for (const [className, messages] of byClass) {
    it(className, async () => {
      const accepted: string[] = [];
      for (const message of messages) {
        for (const wrong of WRONG) {
          const args = message.params.map(({ type }) => (fits(wrong, type) ? WRONG.find((other) => !fits(other, type)) : wrong));
          if (args.length > 0 && !(await failureOf(message, args))) accepted.push(`${message.fullName}(${JSON.stringify(args)})`);
        }
      }
      expect(accepted).toEqual([]);
      expect(await unexpected()).toEqual([]);
    });
  }
});

describe('an object that does not exist does no harm to any message of', () => {
  for (const [className, messages] of byClass) {
    it(className, async () => {
      for (const message of messages) {
        const [self] = message.params;
        const isMethod = self?.type.kind === 'ref' && self.type.name === className;
        if (isMethod)
          await failureOf(
            message,
            message.params.map(({ type }) => plausible(type)),
          );
      }
      expect(await unexpected()).toEqual([]);
      expect(daemon.process.isOver).toBe(false);
    });
  }
});

it('a wrong number of arguments is refused by every message', async () => {
  const wrong: string[] = [];
  for (const message of messageModels) {
    if (!message.session || message.removed) continue;
    const needed = message.params.filter(({ optional }) => !optional).length;
    // Messages with optional parameters ignore what is too much.
    const given = needed < message.params.length ? needed - 1 : needed + 1;
    if (given < 0) continue;
    const failure = await failureOf(message, Array(given).fill(''));
    const found = [failure?.code, ...(failure?.params ?? [])].join(' ');
    const wanted = `MESSAGE_PARAMETER_COUNT_MISMATCH ${message.fullName} ${needed} ${given}`;
    if (found !== wanted) wrong.push(`${message.fullName}: ${found}`);
  }
  expect(wrong).toEqual([]);
});

/** Whether JSON of this shape could be a value of the type. */
function fits(value: unknown, type: TypeNode): boolean {
  switch (type.kind) {
    case 'bool':
      return value === true;
    case 'set':
      return Array.isArray(value) && type.of.kind === 'set';
    case 'option':
      return fits(value, type.of);
    case 'map':
      return typeof value === 'object' && !Array.isArray(value) && type.value.kind === 'set';
    case 'record':
      // Members that are unknown are ignored, and some records need none.
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return false;
  }
}

function plausible(type: TypeNode): unknown {
  switch (type.kind) {
    case 'int':
      return '1';
    case 'float':
      return 1.5;
    case 'bool':
      return false;
    case 'datetime':
      return '20250101T00:00:00Z';
    case 'ref':
      return UNKNOWN;
    case 'set':
      return [];
    case 'map':
    case 'record':
      return {};
    case 'option':
      return plausible(type.of);
    default:
      return 'text';
  }
}
