// `node --import ./test-support/typescript-register.mjs` runs TypeScript sources: for the worker threads and
// child processes that tests start. The product itself runs compiled code only.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
