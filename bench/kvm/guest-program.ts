import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unpack } from '../../test-support/libvirt/guest/packages.js';
import { askAgent } from '../../test-support/libvirt/guest-domain.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';

/** Bytes that the agent takes at once; it says at most 48 MiB, virsh takes no command line that is longer than 128 KiB. */
const PART = 65_536;
/** Milliseconds between two looks whether a command inside has ended: each costs the guest time. */
const PAUSE = 1000;

/** Brings a program of a Debian package, by its path, into a running guest, which has the C library. Resolves to its path there. */
export async function bringProgram(host: LabHost, domain: string, name: string, path: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    await unpack([name], join(directory, 'unpacked'));
    const program = await readFile(join(directory, 'unpacked', path));
    const target = `/bin/${name}`;
    const handle = await askAgent(host, domain, 'guest-file-open', { path: target, mode: 'w' });
    for (let at = 0; at < program.length; at += PART) {
      const part = program.subarray(at, at + PART).toString('base64');
      await askAgent(host, domain, 'guest-file-write', { handle, 'buf-b64': part });
    }
    await askAgent(host, domain, 'guest-file-close', { handle });
    await runInGuest(host, domain, `chmod 755 ${target}`);
    return target;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs a script inside a running guest to its end. Resolves to what it printed; rejects when it fails. */
export async function runInGuest(host: LabHost, domain: string, script: string): Promise<string> {
  const started = fields(
    await askAgent(host, domain, 'guest-exec', { path: '/bin/sh', arg: ['-ec', script], 'capture-output': true }),
  );
  for (;;) {
    const { exited, exitcode, ...output } = fields(await askAgent(host, domain, 'guest-exec-status', { pid: started.pid }));
    const text = (part: unknown): string => Buffer.from(String(part ?? ''), 'base64').toString();
    if (exited === true && exitcode === 0) return text(output['out-data']);
    if (exited === true) throw new Error(`${script} ended with ${exitcode}: ${text(output['err-data'])}`);
    await sleep(PAUSE);
  }
}

function fields(answer: unknown): Readonly<Record<string, unknown>> {
  if (typeof answer !== 'object' || answer === null) throw new Error(`odd answer: ${String(answer)}`);
  return { ...answer };
}
