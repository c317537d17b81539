import type { LabHost } from '../../../../../test-support/libvirt/host/host.js';
import { KeptSession } from '../../connection/kept-session.js';
import type { NicRules } from '../../nic-rules.js';
import type { VolumeSources } from '../../volume-source.js';
import { LibvirtCompute, type LibvirtComputeOptions } from '../compute.js';
import { ComputePool } from '../compute-pool.js';

/** The compute of a host of the lab, and what it goes through. */
export interface OpenedCompute {
  readonly compute: LibvirtCompute;
  readonly session: KeptSession;
  /** What was warned of. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** Opens the compute of a host of the lab as the daemon does. */
export async function openCompute(
  host: Pick<LabHost, 'uri' | 'name' | 'shared'>,
  sources: VolumeSources,
  more: Partial<Pick<LibvirtComputeOptions, 'pool' | 'rules' | 'bootFiles'>> = {},
): Promise<OpenedCompute> {
  const warnings: string[] = [];
  const warn = (error: unknown, message: string): void => void warnings.push(`${message}: ${String(error)}`);
  const session = await KeptSession.open({ uri: host.uri, host: () => host.name, warn });
  const compute = await LibvirtCompute.open({
    session,
    sources,
    rules: more.rules ?? noRules,
    options: { uri: host.uri, domainType: 'qemu', runDirectory: host.shared, powerControl: false },
    pool: more.pool ?? new ComputePool(),
    bootFiles: more.bootFiles,
    openVswitchBridges: undefined,
    warn,
  });
  return {
    compute,
    session,
    warnings,
    async close() {
      compute.close();
      await session.close();
    },
  };
}

const noRules: NicRules = { needed: () => false, apply: async () => undefined, drop: async () => undefined };

/** Ends and removes all domains of a host. */
export async function removeDomains(host: LabHost): Promise<void> {
  for (const uuid of (await host.virsh('list', '--all', '--uuid')).split('\n').filter(Boolean)) {
    await host.virsh('destroy', uuid).catch(() => undefined);
    await host.virsh('undefine', uuid, '--managed-save', '--snapshots-metadata', '--nvram').catch(() => undefined);
  }
}
