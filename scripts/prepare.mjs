#!/usr/bin/env node
// Makes a fresh clone ready: packages, compiled code and, with --tests, the programs of Debian that tests drive.
// Runs before `npm start` and `npm test`, and does only what is missing.
import { build } from './support/build.mjs';
import { installClients } from './support/clients.mjs';
import { installLibvirtLab } from './support/libvirt-lab.mjs';
import { installPackages } from './support/packages.mjs';
import { say } from './support/run.mjs';

try {
  await installPackages();
  await build();
  if (process.argv.includes('--tests')) {
    await installClients();
    await installLibvirtLab();
  }
} catch (thrown) {
  say(`not ready: ${thrown.message}`);
  process.exitCode = 1;
}
