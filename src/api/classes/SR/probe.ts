import type { ProbeFinding } from '../../../host/storage.js';
import { RecordVersion } from '../../../model/record.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { revealPasswords } from '../../storage/secrets.js';
import { probeXml } from './probe-xml.js';

type Config = ReadonlyMap<string, string>;

/** SR.probe: what is there, as the XML that clients read. */
export const probe: Handler<'SR', 'probe'> = async (call, host, deviceConfig, type, smConfig) =>
  probeXml(type.toLowerCase(), await findings(call, host, deviceConfig, type, smConfig));

/** SR.probe_ext: what is there, one record per find. */
export const probeExt: Handler<'SR', 'probe_ext'> = async (call, host, deviceConfig, type, smConfig) => {
  const found = await findings(call, host, deviceConfig, type, smConfig);
  return found.map(
    ({ configuration, complete, sr, extraInfo }) =>
      new RecordVersion('probe_result', {
        configuration: withoutPasswords(configuration, deviceConfig),
        complete,
        extra_info: extraInfo,
        sr: sr && statOf(sr),
      }),
  );
};

/** SR.get_supported_types: types that a driver of the pool serves. */
export const supportedTypes: Handler<'SR', 'get_supported_types'> = ({ api }) =>
  [...api.db.all('SM')].map(([, driver]) => driver.type);

function findings(
  { api }: Call,
  host: Ref<'host'>,
  deviceConfig: Config,
  type: string,
  smConfig: Config,
): Promise<readonly ProbeFinding[]> {
  api.db.get('host', host);
  return api.hosts.get(host).storage.probe(type.toLowerCase(), revealPasswords(api.db, deviceConfig), smConfig);
}

/** What a driver hands back of its configuration may hold passwords that the client gave as secrets. */
function withoutPasswords(found: Config, given: Config): Config {
  return new Map([...found].filter(([key]) => given.has(key) || !given.has(`${key}_secret`)));
}

function statOf(sr: NonNullable<ProbeFinding['sr']>): RecordVersion<'sr_stat'> {
  return new RecordVersion('sr_stat', {
    uuid: sr.uuid,
    name_label: sr.name,
    name_description: sr.description,
    free_space: sr.freeSpace,
    total_space: sr.totalSpace,
    clustered: false,
    health: 'healthy',
  });
}
