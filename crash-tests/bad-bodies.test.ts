import { describe, expect, it } from 'vitest';
import { post } from './support/raw-request.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';

// Bodies that no client should send. Each is answered with a failure or with a closed connection, at once and without
// much memory; after each test the daemon is there, with its VMs as they were.
const sturdy = sturdyDaemon('hosts=1,vms=3');

const xml = (inner: string) =>
  `<?xml version="1.0"?><methodCall><methodName>VM.get_all</methodName><params>${inner}</params></methodCall>`;
const value = (inner: string) => xml(`<param><value>${inner}</value></param>`);

const BODIES: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'white space': ' \r\n\t ',
  'one bracket': '<',
  'one brace': '{',
  'a string': '"VM.get_all"',
  'a number': '1e999',
  null: 'null',
  'an empty list': '[]',
  'a list of nothing much': '[null, 1, "x", [], {}]',
  'a list of many empty calls': `[${'{},'.repeat(20_000)}{}]`,
  'no method': '{"jsonrpc":"2.0","params":[],"id":1}',
  'a method that is no string': '{"jsonrpc":"2.0","method":{"a":1},"params":[],"id":1}',
  'parameters that are no list': '{"jsonrpc":"2.0","method":"VM.get_all","params":{"session":"x"},"id":1}',
  'an id that is a map': '{"jsonrpc":"2.0","method":"VM.get_all","params":["x"],"id":{"a":[1]}}',
  'an unknown version': '{"jsonrpc":"7.0","method":"VM.get_all","params":["x"],"id":1}',
  'keys of prototypes':
    '{"jsonrpc":"2.0","method":"VM.get_all","params":[{"__proto__":{"a":1},"constructor":{"prototype":1}}],"id":1}',
  'names of prototypes': '{"jsonrpc":"2.0","method":"__proto__.constructor","params":["x"],"id":1}',
  'lone surrogates': '{"jsonrpc":"2.0","method":"VM.get_all","params":["\\ud800"],"id":1}',
  'JSON that ends early': '{"jsonrpc":"2.0","method":"VM.get_all","params":["x"',
  'JSON with a tail': '{"jsonrpc":"2.0","method":"VM.get_all","params":["x"],"id":1} tail',
  'deep lists': `{"jsonrpc":"2.0","method":"VM.get_all","params":${'['.repeat(100_000)}${']'.repeat(100_000)},"id":1}`,
  'deep lists without an end': '['.repeat(250_000),
  'deep maps': `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
  'invalid UTF-8 in JSON': Buffer.concat([
    Buffer.from('{"method":"VM.get_all","params":["'),
    Buffer.from([0xc3, 0x28, 0xff, 0xfe]),
    Buffer.from('"],"id":1}'),
  ]),
  'a NUL in JSON': '{"method":"VM.get_all\u0000","params":[],"id":1}',
  'an empty call': '<methodCall/>',
  'no method name': '<?xml version="1.0"?><methodCall><params/></methodCall>',
  'another document': '<html><body>hello</body></html>',
  'XML that ends early': xml('<param><value>').slice(0, 90),
  'tags that do not match': value('<string>x</int>'),
  'two roots': `${value('x')}${value('x')}`,
  'an unknown type': value('<complex>1+i</complex>'),
  'an integer that is none': value('<i4>twelve</i4>'),
  'an integer of many digits': value(`<int>${'9'.repeat(100_000)}</int>`),
  'a boolean that is none': value('<boolean>maybe</boolean>'),
  'a date that is none': value('<dateTime.iso8601>yesterday</dateTime.iso8601>'),
  'base64 that is none': value('<base64>***</base64>'),
  'a member without a name': value('<struct><member><value>x</value></member></struct>'),
  'a member of a prototype': value('<struct><member><name>__proto__</name><value>x</value></member></struct>'),
  'many members': value(`<struct>${'<member><name>a</name><value>b</value></member>'.repeat(5_000)}</struct>`),
  'deep arrays': value(`${'<array><data><value>'.repeat(6_000)}${'</value></data></array>'.repeat(6_000)}`),
  'deep arrays without an end': value('<array><data><value>'.repeat(12_000)),
  'unknown entities': value('<string>&nosuch;</string>'),
  'entities that grow': `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>${value('<string>&c;</string>').slice(21)}`,
  'an external entity': `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>${value('<string>&a;</string>').slice(21)}`,
  'characters that XML forbids': value('<string>&#0;&#xFFFF;&#x110000;</string>'),
  'invalid UTF-8 in XML': Buffer.concat([
    Buffer.from(value('<string>').slice(0, 110)),
    Buffer.from([0xff, 0xc0, 0x80]),
    Buffer.from('</string></value></param></params></methodCall>'),
  ]),
  'another encoding': `<?xml version="1.0" encoding="UTF-16"?>${value('x').slice(21)}`,
  'many attributes': `<methodCall ${Array.from({ length: 10_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`,
  'a long comment': `<?xml version="1.0"?><!--${' x'.repeat(100_000)}--><methodCall/>`,
};

/** A body that names no existing session must not be answered with a result. */
function isSuccess(text: string): boolean {
  return (
    text.includes('<name>Status</name><value>Success</value>') || /"result":(?!null)/.test(text) || text.includes('OpaqueRef:0')
  );
}

for (const path of ['/', '/jsonrpc']) {
  describe(`to ${path}`, () => {
    for (const [what, body] of Object.entries(BODIES)) {
      it(`${what}`, async () => {
        const began = performance.now();
        const { text, closed } = await post(sturdy.daemon.port, path, body);
        expect(closed).toBe(true);
        expect(performance.now() - began).toBeLessThan(10_000);
        expect(isSuccess(text), text.slice(0, 300)).toBe(false);
        expect(text).not.toContain('root:x:0');
        expect(text).not.toContain('aaaaaaaaaaaaaaaaaaaa');
        expect(text).not.toMatch(/ at .*\.js:\d/);
      });
    }

    it('a body that is too large', async () => {
      const { text, closed } = await post(sturdy.daemon.port, path, Buffer.alloc(4 * 1024 * 1024, '<'));
      expect(closed).toBe(true);
      expect(isSuccess(text)).toBe(false);
    });
  });
}

it('all of them at once, again and again, leave no memory behind', async () => {
  const { port } = sturdy.daemon;
  const round = () => Promise.all(Object.values(BODIES).flatMap((body) => [post(port, '/', body), post(port, '/jsonrpc', body)]));
  await round();
  const before = sturdy.resident();
  for (let n = 0; n < 4; n++) await round();
  // 400 documents of up to 250 KB: kept ones would be 50 MiB and more.
  expect(sturdy.resident() - before).toBeLessThan(150);
});
