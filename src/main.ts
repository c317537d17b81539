#!/usr/bin/env -S UV_THREADPOOL_SIZE=32 node
// Threads for files: with node's four, as many reads of a file server that is gone would hold up all work on files. Later than here is too late.
// The client takes a twentieth of the time that reading the daemon's code takes: only one of them is loaded.
if (process.argv[2] === 'xe') {
  process.argv.splice(2, 1);
  await import('./xe-client/main.js');
} else {
  await import('./daemon/main.js');
}
