import { startLabMachine } from './lab-machine.js';

// A process that tests kill while it has a machine. It says where that machine keeps its files, and waits.
const machine = await startLabMachine();
process.stdout.write(`${machine.home}\n`);
setInterval(() => undefined, 60_000);
