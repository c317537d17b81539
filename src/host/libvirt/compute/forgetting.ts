import { DomainUndefineFlags, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import { asHost, hasCode } from '../errors.js';
import type { ComputeContext } from './context.js';
import { isLiving } from './domain-entry.js';

/** Everything that libvirt keeps of a domain beside its description. */
const EVERYTHING =
  DomainUndefineFlags.MANAGED_SAVE |
  DomainUndefineFlags.SNAPSHOTS_METADATA |
  DomainUndefineFlags.CHECKPOINTS_METADATA |
  DomainUndefineFlags.NVRAM;

/** Removes a domain that does not live from libvirt, with its firmware's settings and its TPM. */
export async function forget(context: ComputeContext, uuid: string): Promise<void> {
  const { session, states } = context;
  const dom = states.find(uuid);
  if (dom === undefined) return;
  if (isLiving(dom)) throw new ApiError('VM_BAD_POWER_STATE', uuid, 'halted, suspended', dom.power.toLowerCase());
  const undefine = async (flags: number): Promise<void> => {
    await session.call('DOMAIN_UNDEFINE_FLAGS', { dom, flags });
  };
  await asHost({ vm: uuid, expected: 'halted, suspended' }, async () => {
    try {
      await undefine(EVERYTHING | DomainUndefineFlags.TPM).catch((thrown: unknown) => {
        // libvirt before 8.9 removes a TPM without being told.
        if (hasCode(thrown, ErrorCode.INVALID_ARG)) return undefine(EVERYTHING);
        throw thrown;
      });
    } catch (thrown) {
      if (!hasCode(thrown, ErrorCode.NO_DOMAIN)) throw thrown;
    }
  });
  await states.refresh(uuid);
}
