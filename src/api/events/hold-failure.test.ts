import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../model/error.js';
import { parseType } from '../../model/type-syntax.js';
import type { RpcOutcome } from '../rpc.js';
import { holdFailure } from './hold-failure.js';

const failure: RpcOutcome = { ok: false, error: new ApiError('SESSION_INVALID', 'x') };
const success: RpcOutcome = { ok: true, type: parseType('void'), value: undefined };

describe('a failed event.next', () => {
  it('comes late, so that a client which asks again at once is no busy loop', async () => {
    vi.useFakeTimers();
    try {
      const answered = vi.fn();
      const held = Promise.resolve(holdFailure('event.next', failure, {})).then(answered);
      await vi.advanceTimersByTimeAsync(900);
      expect(answered).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(200);
      await held;
      expect(answered).toHaveBeenCalledWith(failure);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not wait for a client that has gone', async () => {
    const gone = new AbortController();
    const held = holdFailure('event_next', Promise.resolve(failure), gone);
    gone.abort();
    expect(await held).toBe(failure);
  });

  it('is the only answer that is held back', async () => {
    expect(holdFailure('event.from', failure, {})).toBe(failure);
    expect(await holdFailure('event.next', success, {})).toBe(success);
  });
});
