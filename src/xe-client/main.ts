#!/usr/bin/env node
import { runClient } from './run-client.js';
import { processWorld } from './world.js';

// All output is out by then, and nothing else is worth waiting for.
process.exit(await runClient(process.argv.slice(2), processWorld));
