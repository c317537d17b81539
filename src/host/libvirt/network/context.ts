import type { ChangeGuard } from './change-guard.js';
import type { Commands } from './commands.js';
import type { IpTool } from './ip-tool.js';
import type { KeptSettings } from './kept-settings.js';
import type { OpenVswitch } from './open-vswitch.js';

/** What the parts of a host's network share. */
export interface NetworkContext {
  readonly commands: Commands;
  readonly ip: IpTool;
  readonly switches: OpenVswitch;
  readonly guard: ChangeGuard;
  readonly kept: KeptSettings;
}
