import { performance } from 'node:perf_hooks';
import type { Host } from '../../host/host.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { Measuring } from '../measurements/measuring.js';
import { measureHost } from './measure.js';
import { SpaceWatch } from './space-watch.js';
import type { DomainWatch } from './watch-domains.js';

/** Looks at every host again and again, from now on. Returns the way to stop it. */
export function startTicking(api: Api, domains: DomainWatch, milliseconds: number): () => void {
  const measuring = new Measuring(api);
  const spaces = new SpaceWatch(api);
  const asked = new Set<string>();
  const askForMemory = async (ref: Ref<'host'>, host: Host): Promise<void> => {
    // A host that answers slowly is asked again when it has answered, and holds up no other.
    if (asked.has(ref)) return;
    asked.add(ref);
    try {
      await measureHost(api, ref, host);
    } catch (thrown) {
      api.log.warn({ err: thrown, host: ref }, 'a host did not tell of its memory');
    } finally {
      asked.delete(ref);
    }
  };
  const measure = (): void => {
    for (const [ref, host] of api.hosts.entries()) void measuring.look(ref, host);
  };
  const tick = (): void => {
    try {
      domains.flushMemory();
    } catch (thrown) {
      api.log.warn({ err: thrown }, 'memory of domains could not be written');
    }
    for (const [ref, host] of api.hosts.entries()) void askForMemory(ref, host);
    measure();
    void measuring.keep();
    void spaces.look(performance.now());
  };
  const unfollow = api.measurements.follow();
  void measuring.begin();
  measure();
  const timer = setInterval(tick, milliseconds);
  timer.unref();
  return () => {
    clearInterval(timer);
    unfollow();
  };
}
