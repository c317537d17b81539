import { build } from '../scripts/support/build.mjs';

/** Tests that start the daemon start the compiled one, of the sources as they are now. */
export async function setup() {
  await build();
}
