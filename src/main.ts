#!/usr/bin/env node
// The client takes a twentieth of the time that reading the daemon's code takes: only one of them is loaded.
if (process.argv[2] === 'xe') {
  process.argv.splice(2, 1);
  await import('./xe-client/main.js');
} else {
  await import('./daemon/main.js');
}
