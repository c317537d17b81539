import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlan, worldOptions } from './plan.js';
import { createWorld, type EmulatedWorld, type WorldOptions } from './world.js';

/** A directory for one test, gone afterwards. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'emulated-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A world of a plan with all its SRs attached where they belong. */
export async function openWorld(dataDir: string, plan: unknown, changes: Partial<WorldOptions> = {}): Promise<EmulatedWorld> {
  const world = await createWorld({ ...worldOptions(parsePlan(plan), dataDir), ...changes });
  for (const host of world.hosts) {
    for (const { spec, hosts } of world.srs) if (hosts.includes(host.facts.uuid)) await host.storage.attach(spec);
  }
  return world;
}
