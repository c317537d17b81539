import { toDateTime } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import { markRefusal, storedOnly } from '../../behaviour.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/** Most time servers that are kept; the original's time service reads a few. */
const MAX_TIME_SERVERS = 64;

function zones(): readonly string[] {
  return [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].sort();
}

/** Also the names that a zone had earlier, which lists leave out. */
function isZone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9+_/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The clock of a zone, without saying which zone it is, as the original tells local time. */
function localTime(zone: string, now: Date): string {
  const parts = new Map(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '00';
  return `${part('year')}${part('month')}${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
}

/** Clock, time zone and time servers. */
export const timeMessages: HostMessages = {
  get_servertime: ({ api }, host) => {
    reach(api, host);
    return toDateTime();
  },
  get_server_localtime: ({ api }, host) => {
    reach(api, host);
    const { timezone } = api.db.get('host', host);
    return localTime(isZone(timezone) ? timezone : 'UTC', new Date());
  },
  set_timezone: ({ api }, self, zone) => {
    reach(api, self);
    if (!isZone(zone)) throw new ApiError('INVALID_VALUE', 'timezone', zone);
    api.db.set('host', self, { timezone: zone });
  },
  list_timezones: ({ api }, self) => {
    reach(api, self);
    return zones();
  },
  set_ntp_mode: storedOnly(({ api }, self, mode) => {
    reach(api, self);
    if (mode === 'Custom' && api.db.get('host', self).ntp_custom_servers.length === 0)
      throw new ApiError('INVALID_NTP_CONFIG', 'ntp_mode Custom needs servers in ntp_custom_servers');
    api.db.set('host', self, { ntp_mode: mode });
  }),
  set_ntp_custom_servers: storedOnly(({ api }, self, servers) => {
    reach(api, self);
    if (servers.length === 0 && api.db.get('host', self).ntp_mode === 'Custom')
      throw new ApiError('INVALID_NTP_CONFIG', 'ntp_custom_servers may not be empty while ntp_mode is Custom');
    if (servers.length > MAX_TIME_SERVERS)
      throw new ApiError('INVALID_NTP_CONFIG', `more than ${MAX_TIME_SERVERS} servers in ntp_custom_servers`);
    api.db.set('host', self, { ntp_custom_servers: servers });
  }),
  // The clock is that of the machine: this server reads it and never sets it.
  set_servertime: markRefusal(({ api }, self) => {
    reach(api, self);
    if (api.db.get('host', self).ntp_mode !== 'Disabled') throw new ApiError('NOT_ALLOWED_WHEN_NTP_IS_ENABLED', self);
    throw new ApiError('NOT_IMPLEMENTED', 'host.set_servertime');
  }),
};
