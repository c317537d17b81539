import type { Commands } from './commands.js';
import { LinkEvents } from './link-events.js';

/** Milliseconds in which changes are gathered: a card that comes up says so several times. */
const GATHER = 50;

/** Devices of guests, as libvirt and others name them: they come and go with domains, and are nobody's cards. */
const GUEST = /^(?:vnet|tap|vif|macvtap)\d/;

/** Tells of changes of the network, and of those of guests only that something is different. */
export class Monitor {
  private readonly events: LinkEvents;
  private readonly told: () => void;
  private timer: NodeJS.Timeout | undefined;

  /** `changed` is called at once for any change, `told` a little later for those that are not of guests. */
  constructor(commands: Commands, changed: () => void, told: () => void) {
    this.told = told;
    this.events = new LinkEvents(commands, (line) => {
      changed();
      const device = line === undefined ? '' : changedDevice(line);
      if (device !== undefined && !GUEST.test(device)) this.tell();
    });
  }

  start(): void {
    this.events.start();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.events.stop();
  }

  private tell(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.told();
    }, GATHER);
  }
}

/** The device that a line of `ip -oneline monitor` is about; undefined for lines that name none. */
export function changedDevice(line: string): string | undefined {
  return /^(?:Deleted )?\d+: ([^\s:@]+)/.exec(line)?.[1];
}

/** The device that a line of `ip -oneline monitor` says to be gone. An address that is gone is told the same way, but for the colon. */
export function deletedDevice(line: string): string | undefined {
  return /^Deleted \d+: ([^\s:@]+)(?:@\S+)?:/.exec(line)?.[1];
}
