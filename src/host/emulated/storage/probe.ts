import type { ProbeFinding } from '../../storage.js';
import { driverOf } from './drivers.js';
import type { SrFacts, SrRegistry } from './sr-registry.js';

type Config = ReadonlyMap<string, string>;

/**
 * What lies at a place. A configuration that is not complete yet is refused with what could be added, as clients of the
 * original expect it. Throws SR_UNKNOWN_DRIVER and numbered refusals.
 */
export async function probeStorage(
  registry: SrRegistry,
  host: string,
  type: string,
  config: Config,
): Promise<readonly ProbeFinding[]> {
  const driver = driverOf(type);
  driver.check(config);
  const place = Object.fromEntries(driver.place.map((key) => [key, config.get(key) ?? '']));
  const found: ProbeFinding[] = [];
  if (driver.place.length > 0) for (const sr of registry.at(type, place, host)) found.push(await describe(registry, sr, config));
  if (found.length === 0 && !driver.appears) found.push({ configuration: config, complete: true, extraInfo: new Map() });
  return found;
}

async function describe(registry: SrRegistry, facts: SrFacts, configuration: Config): Promise<ProbeFinding> {
  const { physicalSize, physicalUtilisation } = await registry.open(facts.uuid).space();
  return {
    configuration,
    complete: true,
    sr: {
      uuid: facts.uuid,
      name: '',
      description: '',
      totalSpace: physicalSize,
      freeSpace: Math.max(0, physicalSize - physicalUtilisation),
    },
    extraInfo: new Map(),
  };
}
