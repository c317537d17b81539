import { DomainVcpuFlags, ErrorCode, LibvirtError } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { asHost } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { inDefinition } from './definition.js';

/**
 * Gives a living domain that many virtual CPUs. Fewer than now need a guest that gives them back; one that does not is
 * refused with OPERATION_NOT_ALLOWED and libvirt's text. Throws VM_NO_VCPUS, VM_TOO_MANY_VCPUS.
 */
export async function setVcpus(context: ComputeContext, uuid: string, count: number): Promise<void> {
  const dom = await context.live(uuid);
  if (count < 1) throw new ApiError('VM_NO_VCPUS', uuid);
  const [now, most] = await Promise.all([
    vcpus(context, dom, DomainVcpuFlags.LIVE),
    vcpus(context, dom, DomainVcpuFlags.LIVE | DomainVcpuFlags.MAXIMUM),
  ]);
  if (count > most) throw new ApiError('VM_TOO_MANY_VCPUS', uuid);
  if (count !== now) await plug(context, dom, count, now);
  await inDefinition(context, dom, (inactive) =>
    context.session.call('DOMAIN_SET_VCPUS_FLAGS', { dom: inactive, nvcpus: count, flags: DomainVcpuFlags.CONFIG }),
  );
}

async function vcpus({ session }: ComputeContext, dom: DomainRef, flags: number): Promise<number> {
  const { num } = await asHost({ vm: dom.uuid }, () => session.call('DOMAIN_GET_VCPUS_FLAGS', { dom, flags }));
  return num;
}

async function plug({ session }: ComputeContext, dom: DomainRef, count: number, now: number): Promise<void> {
  await asHost({ vm: dom.uuid }, async () => {
    try {
      await session.call('DOMAIN_SET_VCPUS_FLAGS', { dom, nvcpus: count, flags: DomainVcpuFlags.LIVE });
    } catch (thrown) {
      if (count < now && thrown instanceof LibvirtError && thrown.code !== ErrorCode.NO_DOMAIN) {
        throw new ApiError('OPERATION_NOT_ALLOWED', thrown.message);
      }
      throw thrown;
    }
  });
}
