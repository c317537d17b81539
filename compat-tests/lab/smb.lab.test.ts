import { afterAll, beforeAll, describe, expect } from 'vitest';
import { cached, onlyCached, told, toldGone } from '../kvm/support/client-cache.js';
import { contentOf, newSr, probed } from '../sr-life/calls.js';
import { srLife } from '../sr-life/sr-life.js';
import { BOOT_STEP, steps } from '../sr-life/steps.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

const gateway = labGateway();

/** Has what means something in lists of options, in files with credentials and in XML. */
const PASSWORD = 'hunter2, too="<ö>" ';

describe('an SR of type smb', () => {
  const sr = labSr(gateway, async () => {
    const { server, name, path, username, password } = await gateway.storage.serveShare('disks', PASSWORD);
    return {
      type: 'smb',
      deviceConfig: { server: `\\\\${server}\\${name}`, username, password },
      shared: true,
      content: () => gateway.machine.run('find', [path]),
    };
  });
  srLife(gateway, sr, { boots: 'reverted', crash: false });
});

describe('an SR of type iso on SMB', () => {
  const step = steps();
  const begins = 'a CD that lies on a server of SMB';
  const [processes, enough] = ['/run/processes', '/run/enough'];
  let secret: string;
  let otherSecrets: unknown;
  let ref: string;
  let before: unknown;

  const sr = labSr(gateway, async () => {
    const { machine, storage, xapi } = gateway;
    const { server, name, path, username, password } = await storage.serveShare('cds', PASSWORD);
    await machine.write(`${path}/inside/one.iso`, begins.padEnd(65_536, '.'));
    otherSecrets = await xapi.call('secret.get_all');
    secret = String(await xapi.call('secret.create', { value: password, other_config: {} }));
    const cifspassword_secret = String(await xapi.call('secret.get_uuid', secret));
    const who = { username: `WORKGROUP\\${username}`, cifspassword_secret };
    return {
      type: 'iso',
      deviceConfig: { location: `//${server}/${name}`, iso_path: '/inside', type: 'cifs', ...who },
      shared: true,
      content: () => machine.run('find', [path]),
    };
  });

  beforeAll(async () => {
    before = [await gateway.leftovers(), await sr().content()];
    // Whatever runs for a moment: what programs are given as arguments, everybody on the host may see.
    const loop = 'until [ -e "$1" ]; do cat /proc/[0-9]*/cmdline 2>/dev/null; sleep 0.1; done >"$2"';
    await gateway.machine.spawn('sh', ['-c', loop, '-', enough, processes]);
  }, BOOT_STEP);

  afterAll(async () => {
    await gateway.machine.run('touch', [enough]);
  });

  step('is not made with another password', async () => {
    const { cifspassword_secret: _, ...config } = sr().deviceConfig;
    const refused = { code: 'SR_BACKEND_FAILURE_222', params: ['', expect.stringContaining('Permission denied'), ''] };
    await expect(probed(gateway, 'iso', { ...config, cifspassword: 'another' })).rejects.toMatchObject(refused);
    expect(await sr().held()).toEqual([]);
  });

  step('shows its CD with its content, also once the secret of the client is gone', async () => {
    const { xapi, soon } = gateway;
    ref = await newSr(gateway, sr());
    await xapi.call('secret.destroy', secret);
    const pbd = onlyCached(xapi, 'PBD', { SR: ref }).$ref;
    await xapi.callAsync('PBD.unplug', pbd);
    expect(await sr().held()).toEqual([]);
    await xapi.callAsync('PBD.plug', pbd);
    const cd = await told(xapi, 'VDI', { SR: ref, location: 'one.iso', read_only: true, missing: false }, soon);
    expect((await contentOf(gateway, cd.$ref)).toString('latin1')).toBe(begins.padEnd(65_536, '.'));
  });

  step('has told nobody its password', async () => {
    const { machine, xapi } = gateway;
    await machine.run('touch', [enough]);
    const seen = await machine.run('cat', [processes]);
    expect(seen).toContain('mount.cifs');
    expect(seen).not.toContain('hunter2');
    expect(JSON.stringify(Object.values(xapi.objects.all))).not.toContain('hunter2');
    expect(await gateway.output()).not.toContain('hunter2');
    const files = ['/proc/mounts', '/run/xenapi-gateway', '/var/log', '/var/lib/libvirt', '/tmp'];
    expect(await machine.run('sh', ['-c', 'grep -rlaF hunter2 "$@" || [ $? = 1 ]', '-', ...files])).toBe('');
  });

  step('goes, and leaves nothing on the host', async () => {
    const { xapi, soon } = gateway;
    await xapi.callAsync('PBD.unplug', onlyCached(xapi, 'PBD', { SR: ref }).$ref);
    await xapi.callAsync('SR.forget', ref);
    await toldGone(xapi, 'SR', { $ref: ref }, soon);
    expect(cached(xapi, 'VDI', { SR: ref })).toEqual([]);
    expect(await sr().held()).toEqual([]);
    expect(await xapi.call('secret.get_all')).toEqual(otherSecrets);
    expect([await gateway.leftovers(), await sr().content()]).toEqual(before);
  });
});
