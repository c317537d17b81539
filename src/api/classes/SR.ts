import type { ClassBehaviour } from '../behaviour.js';
import { refused } from '../behaviour.js';
import { createBlobOf } from '../blobs.js';
import { scanSr } from '../storage/scan.js';
import { dataSources } from './SR/data-sources.js';
import { driverMessages } from './SR/driver-messages.js';
import { assertCanHostStatefile, liveHosts } from './SR/fitness.js';
import { createSr, destroySr, forgetSr, introduceSr } from './SR/life.js';
import { probe, probeExt, supportedTypes } from './SR/probe.js';
import { replication } from './SR/replication.js';
import { settings } from './SR/settings.js';

/** Storage repositories. */
export const SR: ClassBehaviour<'SR'> = {
  messages: {
    create: createSr,
    introduce: introduceSr,
    make: refused('MESSAGE_DEPRECATED'),
    destroy: destroySr,
    forget: forgetSr,
    scan: ({ api, task }, self) => scanSr(api, task, self),
    probe,
    probe_ext: probeExt,
    get_supported_types: supportedTypes,
    get_live_hosts: liveHosts,
    assert_can_host_ha_statefile: assertCanHostStatefile,
    create_new_blob: ({ api }, self, name, mimeType, isPublic) => createBlobOf(api.db, 'SR', self, name, mimeType, isPublic),
    ...settings,
    ...driverMessages,
    ...replication,
    ...dataSources,
  },
};
