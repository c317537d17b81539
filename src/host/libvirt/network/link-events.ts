import type { Commands, Follower } from './commands.js';

/** Milliseconds until the program is started again when it has ended: more each time, up to the last. */
const AGAIN = [500, 2000, 10_000] as const;

/** What the kernel tells of devices and addresses, from one program that runs for as long as it is wanted. */
export class LinkEvents {
  private readonly commands: Commands;
  private readonly heard: (line: string | undefined) => void;
  private follower: Follower | undefined;
  private restart: NodeJS.Timeout | undefined;
  private failures = 0;

  /** `heard` is called with each line, and with undefined when some may have been missed. */
  constructor(commands: Commands, heard: (line: string | undefined) => void) {
    this.commands = commands;
    this.heard = heard;
  }

  start(): void {
    this.follower ??= this.commands.follow('ip', ['-oneline', 'monitor', 'link', 'address'], {
      line: (line) => {
        this.failures = 0;
        this.heard(line);
      },
      end: () => {
        this.follower = undefined;
        this.restart = setTimeout(
          () => {
            this.start();
            this.heard(undefined);
          },
          AGAIN[Math.min(this.failures++, AGAIN.length - 1)],
        );
        this.restart.unref();
      },
    });
  }

  stop(): void {
    clearTimeout(this.restart);
    this.follower?.stop();
    this.follower = undefined;
  }
}
