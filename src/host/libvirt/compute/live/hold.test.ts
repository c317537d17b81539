import { ErrorCode, LibvirtError } from 'node-libvirt';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../model/error.js';
import { DomainStates } from '../domain-states.js';
import { type Answers, FakeSession } from '../testing/fake-session.js';
import { hold } from './hold.js';

const dom = { name: 'one', uuid: 'a5a5a5a5-0000-4000-8000-000000000001', id: 1 };

function refusal(code: number, message: string): LibvirtError {
  return new LibvirtError('DOMAIN_FSFREEZE', { code, domain: 0, level: 2, message });
}

function world(answers: Answers) {
  const warnings: string[] = [];
  const warn = (_: unknown, message: string): void => void warnings.push(message);
  const session = new FakeSession({
    DOMAIN_AGENT_SET_RESPONSE_TIMEOUT: () => ({ result: 0 }),
    DOMAIN_FSFREEZE: () => ({ filesystems: 1 }),
    DOMAIN_FSTHAW: () => ({ filesystems: 1 }),
    ...answers,
  });
  const states = new DomainStates(session, warn);
  const context = { session, states, warn, live: async () => dom };
  return { context, session, warnings, work: () => session.asked.push('work') };
}

/** Calls that change something, in their order. */
function doings({ session }: ReturnType<typeof world>): string[] {
  return session.asked.filter((call) => call !== 'DOMAIN_AGENT_SET_RESPONSE_TIMEOUT' && call !== 'CONNECT_LIST_ALL_DOMAINS');
}

describe('a hold of a guest that is to be quiet', () => {
  it('freezes, works, thaws', async () => {
    const its = world({});
    await hold(its.context, dom.uuid, true, async () => void its.work());
    expect(doings(its)).toEqual(['DOMAIN_FSFREEZE', 'work', 'DOMAIN_FSTHAW']);
  });

  it('thaws after work that failed, and tells of that failure even when the thaw fails too', async () => {
    const its = world({
      DOMAIN_FSTHAW: () => {
        throw refusal(ErrorCode.AGENT_UNRESPONSIVE, 'Guest agent is not responding');
      },
    });
    await expect(hold(its.context, dom.uuid, true, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(doings(its)).toEqual(['DOMAIN_FSFREEZE', 'DOMAIN_FSTHAW']);
    expect(its.warnings).toHaveLength(1);
  });

  it('thaws once libvirt is there again, when that went away', async () => {
    let isAway = true;
    const its = world({
      DOMAIN_FSTHAW: () => {
        if (isAway) throw new ApiError('HOST_OFFLINE', '');
        return { filesystems: 1 };
      },
    });
    await hold(its.context, dom.uuid, true, async () => void its.work());
    expect(its.warnings).toHaveLength(1);
    isAway = false;
    its.session.reconnect();
    its.session.reconnect();
    expect(doings(its)).toEqual(['DOMAIN_FSFREEZE', 'work', 'DOMAIN_FSTHAW', 'DOMAIN_FSTHAW']);
  });

  it.each([
    [ErrorCode.ARGUMENT_UNSUPPORTED, 'argument unsupported: QEMU guest agent is not configured', 'NOT_SUPPORTED'],
    [ErrorCode.AGENT_UNRESPONSIVE, 'Guest agent is not responding: QEMU guest agent is not connected', 'NOT_SUPPORTED'],
    [ErrorCode.AGENT_UNRESPONSIVE, 'Guest agent is not responding: Guest agent not available for now', 'TIMEOUT'],
    [
      ErrorCode.INTERNAL_ERROR,
      "internal error: unable to execute QEMU agent command 'guest-fsfreeze-freeze': failed to open /: busy",
      'FAILED',
    ],
  ])('does no work when nothing was frozen, and thaws what may have been: %i %s', async (code, message, end) => {
    const its = world({
      DOMAIN_FSFREEZE: () => {
        throw refusal(code, message);
      },
    });
    const refused = hold(its.context, dom.uuid, true, async () => void its.work());
    await expect(refused).rejects.toMatchObject({ code: `VM_SNAPSHOT_WITH_QUIESCE_${end}` });
    expect(doings(its)).toEqual(['DOMAIN_FSFREEZE', 'DOMAIN_FSTHAW']);
  });
});
