// Started by files.test.ts: takes a lock, says so, and keeps it until it is killed.
import { FileLock } from './file-lock.js';

const lock = await FileLock.take(process.argv[2] ?? '');
process.send?.('taken');
// Nobody lets go of a lock that somebody still knows, as the collector of garbage would.
process.once('disconnect', () => lock.release());
