import type { Database } from '../../db/database.js';
import type { Persona } from '../../model/personas/persona.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';

/** Feature words of several hosts: what all of them have. Lists of words of different length share the shorter one's. */
function commonFeatures(all: readonly string[]): string {
  const [first = '', ...others] = all;
  return others.reduce((common, words) => {
    const left = common.split('-');
    const right = words.split('-');
    return left
      .slice(0, right.length)
      .map((word, i) => {
        const bits = Number.parseInt(word, 16) & Number.parseInt(right[i] ?? '0', 16);
        return (bits >>> 0).toString(16).padStart(8, '0');
      })
      .join('-');
  }, first);
}

/** pool.cpu_info: what all hosts have in common, and the sums of their CPUs. */
export function poolCpuInfo(hosts: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, string> {
  const sum = (key: string) => String(hosts.reduce((total, info) => total + Number(info.get(key) ?? 0), 0));
  const info = new Map([
    ['vendor', hosts[0]?.get('vendor') ?? ''],
    ['socket_count', sum('socket_count')],
    ['cpu_count', sum('cpu_count')],
  ]);
  for (const key of ['features', 'features_pv', 'features_hvm', 'features_pv_host', 'features_hvm_host']) {
    const words = hosts.flatMap((host) => host.get(key) ?? []);
    if (words.length === hosts.length && words.length) info.set(key, commonFeatures(words));
  }
  return info;
}

/** What follows from the hosts and the persona: true anew at each start. */
export function poolFacts(db: Database, persona: Persona): Partial<Fields<'pool'>> {
  return {
    restrictions: new Map(Object.entries(persona.restrictions)),
    cpu_info: poolCpuInfo([...db.all('host')].map(([, host]) => host.cpu_info)),
  };
}

/** A new pool object; its hosts are there already. */
export function poolFields(db: Database, persona: Persona, master: Ref<'host'>, name: string): Partial<Fields<'pool'>> {
  return {
    ...poolFacts(db, persona),
    name_label: name,
    master,
    other_config: new Map([
      ['auto_poweron', 'false'],
      ['memory-ratio-hvm', '0.25'],
      ['memory-ratio-pv', '0.25'],
    ]),
    ha_cluster_stack: 'xhad',
    tls_verification_enabled: true,
    license_server: new Map(Object.entries(persona.licenseServer)),
  };
}
