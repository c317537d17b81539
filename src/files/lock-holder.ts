// Started by files.test.ts: takes a lock, says so, and keeps it until it is killed.
import { FileLock } from './file-lock.js';

await FileLock.take(process.argv[2] ?? '');
process.send?.('taken');
