import type { Compute } from './compute.js';
import type { HostConsole } from './console.js';
import type { HostMetrics } from './metrics.js';
import type { HostNetwork } from './network.js';
import type { Storage } from './storage.js';

export interface CpuFacts {
  readonly vendor: string;
  readonly model: string;
  readonly speedMhz: number;
  readonly family: number;
  readonly modelNumber: number;
  readonly stepping: number;
  readonly flags: string;
  readonly features: string;
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
}

export interface PciFacts {
  readonly id: string;
  readonly className: string;
  readonly classId: string;
  readonly vendorName: string;
  readonly vendorId: string;
  readonly deviceName: string;
  readonly deviceId: string;
  readonly subsystemVendorName: string;
  readonly subsystemDeviceName: string;
  readonly driver: string;
  /** A graphics card that guests can be given. */
  readonly gpu: boolean;
}

export interface UsbFacts {
  readonly path: string;
  readonly vendorId: string;
  readonly vendorName: string;
  readonly productId: string;
  readonly productName: string;
  readonly serial: string;
  readonly version: string;
  readonly speedMbit: number;
}

/** What a host is, as far as it does not change while it runs. Sizes in bytes. */
export interface HostFacts {
  readonly uuid: string;
  readonly hostname: string;
  readonly name: string;
  readonly address: string;
  /** Device of the management interface. */
  readonly managementDevice: string;
  readonly memoryTotal: number;
  /** Memory that the host's own system keeps. */
  readonly memoryOverhead: number;
  readonly controlDomainMemory: number;
  readonly cpu: CpuFacts;
  readonly pcis: readonly PciFacts[];
  readonly usbs: readonly UsbFacts[];
  readonly bios: ReadonlyMap<string, string>;
  readonly chipset: ReadonlyMap<string, string>;
  readonly iscsiIqn: string;
  /** Seconds since the epoch. */
  readonly bootedAt: number;
}

/** The power button of a host. */
export interface HostPower {
  reboot(): Promise<void>;
  shutdown(): Promise<void>;
  powerOn(): Promise<void>;
  /** Called when the host comes up or goes down. */
  onLive(listener: (live: boolean) => void): () => void;
}

/** A physical host, as a few small interfaces. */
export interface Host {
  readonly facts: HostFacts;
  readonly compute: Compute;
  readonly storage: Storage;
  readonly network: HostNetwork;
  readonly metrics: HostMetrics;
  readonly console: HostConsole;
  readonly power: HostPower;
  /** Bytes that no domain uses. */
  freeMemory(): Promise<number>;
  close(): Promise<void>;
}
