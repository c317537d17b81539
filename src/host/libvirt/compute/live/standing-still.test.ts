import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../model/error.js';
import type { KnownDomain } from '../domain-entry.js';
import { type Answers, FakeSession } from '../testing/fake-session.js';
import { standingStill } from './standing-still.js';

const dom = { name: 'one', uuid: 'a5a5a5a5-0000-4000-8000-000000000001', id: 1 };

function world(answers: Answers) {
  const warnings: string[] = [];
  const session = new FakeSession({ DOMAIN_SUSPEND: () => undefined, DOMAIN_RESUME: () => undefined, ...answers });
  const known: KnownDomain = { ...dom, power: 'Running', ended: undefined, startedAt: 0, memory: 0, maxMemory: 0, vcpus: 1 };
  const states = { find: () => known, life: () => new AbortController().signal };
  return { session, states, warnings, warn: (_: unknown, message: string): void => void warnings.push(message) };
}

describe('a domain that stands still for some work', () => {
  it('goes on afterwards, also when the work fails', async () => {
    const its = world({});
    await expect(standingStill(its, dom, async () => 7)).resolves.toBe(7);
    await expect(standingStill(its, dom, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(its.session.asked).toEqual(['DOMAIN_SUSPEND', 'DOMAIN_RESUME', 'DOMAIN_SUSPEND', 'DOMAIN_RESUME']);
  });

  it('goes on once libvirt is there again, when that went away meanwhile', async () => {
    const away = new ApiError('HOST_OFFLINE', '');
    let isAway = true;
    const its = world({
      DOMAIN_RESUME: () => {
        if (isAway) throw away;
      },
    });
    await expect(standingStill(its, dom, () => Promise.reject(away))).rejects.toBe(away);
    expect(its.warnings).toHaveLength(1);
    isAway = false;
    its.session.reconnect();
    its.session.reconnect();
    expect(its.session.asked).toEqual(['DOMAIN_SUSPEND', 'DOMAIN_RESUME', 'DOMAIN_RESUME']);
  });

  it('goes on then also when nobody knows whether it stands still', async () => {
    const away = new ApiError('HOST_OFFLINE', '');
    let isAway = true;
    const its = world({
      DOMAIN_SUSPEND: () => {
        throw away;
      },
      DOMAIN_RESUME: () => {
        if (isAway) throw away;
      },
    });
    await expect(standingStill(its, dom, async () => its.session.asked.push('work'))).rejects.toBe(away);
    isAway = false;
    its.session.reconnect();
    expect(its.session.asked).toEqual(['DOMAIN_SUSPEND', 'DOMAIN_RESUME', 'DOMAIN_RESUME']);
  });
});
