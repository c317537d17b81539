import { setTimeout as sleep } from 'node:timers/promises';
import type { Commands } from './commands.js';
import { gatewayAnswers } from './gateway.js';
import type { IpTool } from './ip-tool.js';
import { findManagement, lossOf, type Readdressing } from './management.js';
import type { NetworkState } from './network-state.js';
import { refusal } from './refusal.js';
import { restoreLines } from './restore.js';

/** Milliseconds between two looks at whether the host can be reached again after a change. */
const LOOK = 100;

/** A change of the network, in steps. */
export interface Change {
  /** The device that it is about: parameter of the error. */
  readonly device: string;
  /** Devices that it may change. */
  readonly touches: readonly string[];
  /** A change of the management interface's own addresses that is meant. */
  readonly readdresses?: Readdressing;
  /** Does it, so that it can be undone. */
  make(): Promise<void>;
  /** Undoes what is no matter of the kernel's devices, such as switches. */
  undo?(): Promise<void>;
  /** Removes for good what is not needed any more, once the host can be reached. */
  finish?(): Promise<void>;
}

/** What a guard is told of the host. */
export interface GuardOptions {
  /** The card over which the host is managed; undefined: the way of the default route. */
  readonly management: () => string | undefined;
  /** Addresses at which the host serves. */
  readonly listening: () => readonly string[];
  /** Milliseconds after which a host that cannot be reached gets its former network back. */
  readonly patience: number;
}

/**
 * Makes changes so that the host can be reached after them as before: a change that fails, or after which it cannot, is
 * undone before it is refused.
 */
export class ChangeGuard {
  private readonly ip: IpTool;
  private readonly commands: Commands;
  private readonly options: GuardOptions;

  constructor(ip: IpTool, commands: Commands, options: GuardOptions) {
    this.ip = ip;
    this.commands = commands;
    this.options = options;
  }

  /** Rejects with PIF_CONFIGURATION_ERROR and the reason, or with an error of the model that the change came with. */
  async run(before: NetworkState, change: Change): Promise<void> {
    const management = findManagement(before, this.options.management());
    const touched = management?.path.some((device) => change.touches.includes(device)) ?? false;
    const gateway = touched ? await this.answeringGateway(before) : undefined;
    try {
      await change.make();
      await this.assertReachable(before, change, gateway !== undefined);
    } catch (thrown) {
      await this.restore(before, change, management?.path ?? []);
      throw refusal(change.device, thrown);
    }
    try {
      await change.finish?.();
    } catch (thrown) {
      throw refusal(change.device, thrown);
    }
  }

  private async assertReachable(before: NetworkState, change: Change, answered: boolean): Promise<void> {
    const { management, listening, patience } = this.options;
    const end = Date.now() + patience;
    for (;;) {
      const after = await this.ip.read();
      let loss = lossOf(before, after, management(), change.readdresses, listening());
      if (loss === undefined && answered && (await this.answeringGateway(after)) === undefined)
        loss = `the gateway ${after.defaultRoutes()[0]?.gateway ?? ''} does not answer any more`;
      if (loss === undefined) return;
      if (Date.now() >= end) throw new Error(`the host could not be reached any more: ${loss}`);
      await sleep(LOOK);
    }
  }

  /** The gateway of the first default route that answers. */
  private async answeringGateway(state: NetworkState): Promise<string | undefined> {
    for (const { gateway, device } of state.defaultRoutes()) {
      if (gateway !== undefined && (await gatewayAnswers(this.commands, gateway, device))) return gateway;
    }
    return undefined;
  }

  /** Puts back what was changed. What fails of it is tried to the end: each piece may be the one that matters. */
  private async restore(before: NetworkState, change: Change, path: readonly string[]): Promise<void> {
    try {
      await change.undo?.();
    } catch {
      // What is left of it shows when the change is tried again; the way to the host comes first.
    }
    const devices = [...new Set([...change.touches, ...path])];
    await this.ip.attempt(restoreLines(before, await this.ip.read(), devices));
  }
}
