import { describe, expect, it } from 'vitest';
import type { RpcOutcome } from '../../../api/rpc.js';
import { ApiError } from '../../../model/error.js';
import { asRef } from '../../../model/ref.js';
import { ApiClient } from '../../api/api-client.js';
import { CommandExit } from '../../failure.js';
import { type ClientTalents, startCommand } from '../../testing/command-run.js';
import { unplugVbd } from './vbd-unplug.js';

const PAUSE = 5;

/** An API with a guest that refuses, and lets go of its drive after a number of looks. */
function unplug(looks: number, words: readonly string[], talents: ClientTalents = {}) {
  const sent: string[] = [];
  let left = looks;
  const answers: Readonly<Record<string, () => unknown>> = {
    'VBD.get_by_uuid': () => 'OpaqueRef:vbd',
    'VBD.get_currently_attached': () => left-- > 0,
    'VBD.unplug': () => {
      throw new ApiError('DEVICE_DETACH_REJECTED', 'VBD', 'OpaqueRef:vbd', 'busy');
    },
    'VBD.unplug_force': () => '',
  };
  const call = ({ method }: { method: string }): RpcOutcome => {
    sent.push(method);
    try {
      return { ok: true, type: { kind: 'string' }, value: answers[method]?.() };
    } catch (thrown) {
      if (thrown instanceof ApiError) return { ok: false, error: thrown };
      throw thrown;
    }
  };
  const command = {
    name: 'vbd-unplug',
    required: [],
    optional: [],
    description: '',
    run: (context: Parameters<typeof unplugVbd>[0]) => unplugVbd(context, PAUSE),
  };
  const api = new ApiClient({ call }, { local: false, address: 'test' }, asRef('OpaqueRef:session'));
  return { sent, done: startCommand(api, [command], ['vbd-unplug', 'uuid=x', ...words], talents).done };
}

describe('vbd-unplug', () => {
  it('tells at once that the guest refuses', async () => {
    const { sent, done } = unplug(0, []);
    await expect(done).rejects.toMatchObject({ code: 'DEVICE_DETACH_REJECTED' });
    expect(sent).toEqual(['VBD.get_by_uuid', 'VBD.unplug']);
  });

  it('gives the guest the time of timeout', async () => {
    const { sent, done } = unplug(2, ['timeout=10.5']);
    await done;
    expect(sent.slice(2)).toEqual(Array.from({ length: 3 }, () => 'VBD.get_currently_attached'));
  });

  it('tells that it refuses when the time is over', async () => {
    const { sent, done } = unplug(Number.POSITIVE_INFINITY, ['timeout=0.05']);
    await expect(done).rejects.toMatchObject({ code: 'DEVICE_DETACH_REJECTED' });
    expect(sent.length).toBeGreaterThan(3);
  });

  it('ends with its client', async () => {
    const gone = new AbortController();
    const { done } = unplug(Number.POSITIVE_INFINITY, ['timeout=600'], { signal: gone.signal });
    setTimeout(() => gone.abort(), 20);
    await expect(done).rejects.toEqual(new CommandExit(1));
  });

  it('does not ask the guest when forced, and knows numbers', async () => {
    const { sent, done } = unplug(0, ['force=yes']);
    await done;
    expect(sent).toEqual(['VBD.get_by_uuid', 'VBD.unplug_force']);
    await expect(unplug(0, ['timeout=soon']).done).rejects.toThrow('timeout');
  });
});
