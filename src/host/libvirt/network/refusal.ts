import { ApiError } from '../../../model/error.js';
import { CommandError } from './commands.js';
import { isDeviceName } from './device-name.js';
import type { Link, NetworkState } from './network-state.js';

/** The model's error for what a host cannot do with a device, with the kernel's own words. */
export function refusal(device: string, thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const text = thrown instanceof CommandError ? thrown.text : thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError('PIF_CONFIGURATION_ERROR', device, text);
}

/** Whether a kernel said that it has no such kind of device. */
export function isUnsupported(thrown: unknown): boolean {
  return thrown instanceof CommandError && /unknown device type|operation not supported/i.test(thrown.text);
}

/** The device of a name. Throws PIF_DEVICE_NOT_FOUND. */
export function existing(state: NetworkState, device: string): Link {
  const link = state.links.get(device);
  if (link === undefined) throw new ApiError('PIF_DEVICE_NOT_FOUND');
  return link;
}

/** Throws PIF_CONFIGURATION_ERROR for text that cannot be the name of a new device. */
export function assertDeviceName(device: string): void {
  if (!isDeviceName(device)) throw new ApiError('PIF_CONFIGURATION_ERROR', device, 'no device can have this name');
}
