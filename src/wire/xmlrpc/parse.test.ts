import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_VALUES } from '../limits.js';
import { RawBigInteger, RawFloat, RawTagged, type RawValue } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';
import { parseXmlRpcCall } from './parse.js';

const call = (params: string, method = 'VM.start') =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
const param = (value: string) => call(`<param>${value}</param>`);

function parse(document: string): { method: string; params: RawValue[] } {
  return parseXmlRpcCall(Buffer.from(document));
}

function value(xml: string): RawValue | undefined {
  return parse(param(xml)).params[0];
}

describe('values', () => {
  test.each<[string, RawValue]>([
    ['<value>text</value>', 'text'],
    ['<value> spaces  stay </value>', ' spaces  stay '],
    ['<value></value>', ''],
    ['<value/>', ''],
    ['<value />', ''],
    ['<value> </value>', ' '],
    ['<value><string>text</string></value>', 'text'],
    ['<value>\n  <string>text</string>\n</value>', 'text'],
    ['<value><string/></value>', ''],
    ['<value><string></string></value>', ''],
    ['<value type="x" other=\'a>b\'>text</value >', 'text'],
    ['<value><int>5</int></value>', 5],
    ['<value><i4>-5</i4></value>', -5],
    ['<value><i8>+1099511627776</i8></value>', 1099511627776],
    ['<value><i8>9223372036854775807</i8></value>', new RawBigInteger('9223372036854775807')],
    ['<value><boolean>1</boolean></value>', true],
    ['<value><boolean>0</boolean></value>', false],
    ['<value><boolean>true</boolean></value>', true],
    ['<value><double>0.5</double></value>', new RawFloat(0.5)],
    ['<value><double>5</double></value>', new RawFloat(5)],
    [
      '<value><dateTime.iso8601>20250319T04:16:24Z</dateTime.iso8601></value>',
      new RawTagged('dateTime.iso8601', '20250319T04:16:24Z'),
    ],
    ['<value><base64>AAAA</base64></value>', new RawTagged('base64', 'AAAA')],
    ['<value><nil/></value>', null],
    ['<value><nil></nil></value>', null],
    ['<value><array><data></data></array></value>', []],
    ['<value><array><data/></array></value>', []],
    ['<value><array></array></value>', []],
    ['<value><array/></value>', []],
    ['<value><array><data> <value>a</value>\n<value><array/></value> </data></array></value>', ['a', []]],
    ['<value><struct/></value>', new Map()],
    ['<value><struct></struct></value>', new Map()],
    ['<value><struct><member><name/><value>a</value></member></struct></value>', new Map([['', 'a']])],
    [
      '<value><struct> <member> <name>__proto__</name> <value>a</value> </member> </struct></value>',
      new Map([['__proto__', 'a']]),
    ],
  ])('%s', (xml, expected) => {
    expect(value(xml)).toEqual(expected);
  });

  test.each([
    ['a&lt;b&gt;c&amp;d&quot;e&apos;f', 'a<b>c&d"e\'f'],
    ['a&#65;&#x42;&#x1F600;', 'aAB😀'],
    ['&amp;amp;', '&amp;'],
    ['&amp;&amp;', '&&'],
    ['<![CDATA[a<b&amp;]]>', 'a<b&amp;'],
    ['x<![CDATA[]]]>y<![CDATA[z]]>', 'x]yz'],
    ['a<!-- not -- this -->b<?nor this?>c', 'abc'],
    ['café 中文 😀', 'café 中文 😀'],
    ['a\r\nb\rc&#13;', 'a\nb\nc\r'],
    ['a\tb\nc', 'a\tb\nc'],
  ])('text %j', (xml, expected) => {
    expect(value(`<value>${xml}</value>`)).toBe(expected);
    expect(value(`<value><string>${xml}</string></value>`)).toBe(expected);
  });

  test('the first of two members with the same name counts', () => {
    const member = (text: string) => `<member><name>a</name><value>${text}</value></member>`;
    expect(value(`<value><struct>${member('1')}${member('2')}</struct></value>`)).toEqual(new Map([['a', '1']]));
  });
});

describe('documents', () => {
  test('a call without parameters', () => {
    expect(parse('<methodCall><methodName>system.listMethods</methodName><params/></methodCall>')).toEqual({
      method: 'system.listMethods',
      params: [],
    });
  });

  test('white space between elements, and the method name as it stands', () => {
    const document = `<?xml version='1.0' encoding='utf-8'?>
      <methodCall>
        <methodName> VM.start </methodName>
        <params>
          <param> <value>a</value> </param>
          <!-- a remark -->
          <param><value><string>b</string></value></param>
        </params>
      </methodCall>
      and the rest does not matter <`;
    expect(parse(document)).toEqual({ method: ' VM.start ', params: ['a', 'b'] });
  });

  test.each([
    '<!DOCTYPE methodCall>',
    '<!DOCTYPE methodCall SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE methodCall [<!ENTITY a "]>">]>',
    "<!DOCTYPE methodCall [<!-- it's ]> --><?x ]>?><!ENTITY % b SYSTEM 'http://x/'> %b; ] >",
    '\uFEFF',
    '<!-- first --><?pi?>',
  ])('%s in front is passed over', (prolog) => {
    expect(parse(`${prolog}<methodCall><methodName>a</methodName><params/></methodCall>`).method).toBe('a');
  });

  test('a declared entity stays unknown', () => {
    expect(() => parse(`<!DOCTYPE a [<!ENTITY a "b">]>${param('<value>&a;</value>')}`)).toThrow(WireSyntaxError);
  });

  test.each([
    '',
    'hello',
    '<foo/>',
    '<methodCall/>',
    '<methodResponse><params/></methodResponse>',
    '<methodCall><methodName>a</methodName></methodCall>',
    '<methodCall><methodName/><params/></methodCall>',
    '<methodCall><params/><methodName>a</methodName></methodCall>',
    '<methodCall><methodName>a</methodName><params><param></param></params></methodCall>',
    '<methodCall><methodName>a</methodName><params><param/></params></methodCall>',
    '<methodCall><methodName>a</methodName><params></param></methodCall>',
    '<methodCall><methodName>a</methodName><params></params>',
    '<methodCall><methodName>a<b/></methodName><params/></methodCall>',
    '<!DOCTYPE a [<!ENTITY',
    '<!DOCTYPE a "',
    '<!-- ',
    call('text'),
    param('<value>'),
    param('<value>a</valuex>'),
    param('<value>a</value'),
    param('<value>a<string>b</string></value>'),
    param('<value><string>b</string>a</value>'),
    param('<value><string>a</string><string>b</string></value>'),
    param('<value><foo>x</foo></value>'),
    param('<value><foo/></value>'),
    param('<value><value>a</value></value>'),
    param('<value><int/></value>'),
    param('<value><int>five</int></value>'),
    param('<value><int>5.0</int></value>'),
    param('<value><int></int></value>'),
    param('<value><i8>123456789012345678901</i8></value>'),
    param('<value><double>half</double></value>'),
    param('<value><double></double></value>'),
    param('<value><boolean>2</boolean></value>'),
    param('<value><nil>x</nil></value>'),
    param('<value><array><value>a</value></array></value>'),
    param('<value><array><data>a</data></array></value>'),
    param('<value><struct><member><value>a</value></member></struct></value>'),
    param('<value><struct><member><name>a</name></member></struct></value>'),
    param('<value>&</value>'),
    param('<value>&;</value>'),
    param('<value>&nbsp;</value>'),
    param('<value>&constructor;</value>'),
    param('<value>&#0;</value>'),
    param('<value>&#xD800;</value>'),
    param('<value>&#x110000;</value>'),
    param('<value>&#65</value>'),
    param('<value>a\u0001b</value>'),
    param('<value>a\uFFFFb</value>'),
    param('<value a>a</value>'),
    param('<value a=b>a</value>'),
    param('<value a="<">a</value>'),
    param('<value><![CDATA[a</value>'),
  ])('%s is refused', (document) => {
    expect(() => parse(document)).toThrow(WireSyntaxError);
  });

  test('bytes that are not UTF-8 are refused', () => {
    expect(() => parseXmlRpcCall(Buffer.from(param('<value>\u00ff</value>'), 'latin1'))).toThrow(WireSyntaxError);
    expect(() => parseXmlRpcCall(Buffer.from(param('<value>\u00ed\u00a0\u0080</value>'), 'latin1'))).toThrow(WireSyntaxError);
  });
});

describe('limits', () => {
  const nested = (levels: number) =>
    param(`${'<value><array><data>'.repeat(levels)}<value>a</value>${'</data></array></value>'.repeat(levels)}`);

  test('depth', () => {
    expect(() => parse(nested(MAX_DEPTH - 1))).not.toThrow();
    expect(() => parse(nested(MAX_DEPTH))).toThrow(/too deep/);
    expect(() => parse('<a>'.repeat(90_000))).toThrow(WireSyntaxError);
  });

  test('size, and with it the number of values', () => {
    expect(() => parse(param(`<value>${'y'.repeat(MAX_BODY_BYTES)}</value>`))).toThrow(/too large/);
    expect(MAX_BODY_BYTES / '<value/>'.length).toBeLessThan(MAX_VALUES);
  });

  test.each(['&', '<!--', '<?', '<![CDATA[', '<value a="', '&amp;', ']]>', '<value '])('a body full of %s ends soon', (text) => {
    const document = param(`<value>${text.repeat(Math.floor(290_000 / text.length))}</value>`);
    const started = performance.now();
    try {
      parse(document);
    } catch (error) {
      expect(error).toBeInstanceOf(WireSyntaxError);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('random bytes and mutilated calls are read or refused, never worse', () => {
    const whole = param(
      '<value><struct><member><name>a</name><value><array><data><value>&lt;</value></data></array></value></member></struct></value>',
    );
    const mutilated = fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string({ maxLength: 5 }))
      .map(([from, to, text]) => Buffer.from(whole.slice(0, from) + text + whole.slice(to)));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.oneof(bytes, mutilated), (body) => {
        try {
          expect(parseXmlRpcCall(body).method).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(WireSyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
