import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { REPOSITORY } from '../../libvirt/repository.js';
import type { LabMachine } from '../lab-machine.js';
import { bringNode, NODE } from './node.js';

/** Packages that stay outside: they are in native code, and nothing that is run this way needs them. */
const OUTSIDE = ['better-sqlite3', 'ssh2', 'authenticate-pam', 'pino'];

/** Milliseconds until a module counts as hung, where nothing else is said. */
const PATIENCE = 230_000;

const ENTRY = 'entry-of-the-lab-machine';

/**
 * Runs sources of this repository in a machine. `module` is the URL of a TypeScript file whose default export is a function; it gets
 * `argument` and resolves to what this resolves to, both as JSON. Rejects with what it printed when it throws. JavaScript takes
 * about twenty times as long there as it does here: have it do what has to happen there, and judge the result here. `timeout`: milliseconds until it counts as hung.
 */
export async function evaluate(machine: LabMachine, module: URL, argument: unknown = null, timeout = PATIENCE): Promise<unknown> {
  const [program] = await Promise.all([bundle(fileURLToPath(module), argument), bringNode(machine)]);
  const output = await machine.run(NODE, ['--input-type=module', '-'], { input: program, timeout });
  const result: unknown = JSON.parse(output);
  return result;
}

/** A program in one file: Node has to read nothing else. */
async function bundle(file: string, argument: unknown): Promise<string> {
  const bundling = await rolldown({
    input: ENTRY,
    external: OUTSIDE,
    platform: 'node',
    logLevel: 'silent',
    resolve: {
      extensionAlias: { '.js': ['.ts', '.js'] },
      alias: { 'node-libvirt': `${REPOSITORY}/packages/node-libvirt/src/index.ts` },
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? entry(file, argument) : null),
      },
    ],
  });
  try {
    const { output } = await bundling.generate({ format: 'esm', codeSplitting: false });
    return output[0].code;
  } finally {
    await bundling.close();
  }
}

function entry(file: string, argument: unknown): string {
  return `import work from ${JSON.stringify(file)};
    const result = await work(JSON.parse(${JSON.stringify(JSON.stringify(argument))}));
    process.stdout.write(JSON.stringify(result ?? null), () => process.exit());`;
}
