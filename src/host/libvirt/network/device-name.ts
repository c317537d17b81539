/** Longest name of a network device that the kernel takes, in bytes. */
export const LONGEST_DEVICE_NAME = 15;

/**
 * Whether text can be the name of a network device. The kernel allows more; what is left out here is what `ip -batch`
 * would read as something else than a name: quotes, comments, options.
 */
export function isDeviceName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,14}$/.test(text);
}
