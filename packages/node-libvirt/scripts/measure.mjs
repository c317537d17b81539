#!/usr/bin/env node
// Measures calls through a daemon: `node scripts/measure.mjs 'test:///default?socket=PATH'`. Needs the compiled package.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect } from '../dist/index.js';

const SECONDS = 3;
const MORE_DOMAINS = 61;

const uri = process.argv[2];
if (uri === undefined) throw new TypeError('a URI is needed');

const connection = await connect(uri);
const xml = (i) => `<domain type='test'><name>measured-${i}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;
const more = [];
// Only where that costs nothing.
if (uri.startsWith('test:')) {
  for (let i = 0; i < MORE_DOMAINS; i++) {
    more.push((await connection.call('DOMAIN_DEFINE_XML', { xml: xml(i) })).dom);
  }
}
const { domains } = await connection.call('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 });
const [dom] = domains;
if (dom === undefined) throw new Error('there is no domain to ask about');

const calls = {
  DOMAIN_GET_INFO: () => connection.call('DOMAIN_GET_INFO', { dom }),
  DOMAIN_GET_XML_DESC: () => connection.call('DOMAIN_GET_XML_DESC', { dom, flags: 0 }),
  [`CONNECT_LIST_ALL_DOMAINS (${domains.length})`]: () =>
    connection.call('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 }),
  [`CONNECT_GET_ALL_DOMAIN_STATS (${domains.length})`]: () =>
    connection.call('CONNECT_GET_ALL_DOMAIN_STATS', { doms: [], stats: 0, flags: 0 }),
};

async function perSecond(call, inFlight) {
  const end = performance.now() + SECONDS * 1000;
  let count = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await call();
      count++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return Math.round(count / SECONDS);
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (const [name, call] of Object.entries(calls)) {
  try {
    await call();
    const [alone, many] = [await perSecond(call, 1), await perSecond(call, 16)];
    process.stdout.write(`${name}: ${alone} calls/s one at a time, ${many} with 16 in flight\n`);
  } catch (error) {
    process.stdout.write(`${name}: ${error.message}\n`);
  }
}
delay.disable();
process.stdout.write(`longest delay of the event loop: ${(delay.max / 1e6).toFixed(1)} ms\n`);

for (const created of more) await connection.call('DOMAIN_UNDEFINE', { dom: created });
await connection.close();
