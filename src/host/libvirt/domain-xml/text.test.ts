import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainName, isNameOf, legalText, singleLine } from './text.js';
import { parseXml, render, tag } from './xml.js';

const uuid = '5d8cb4ae-6e0b-4a5c-9f2a-3b8f0f7a1c11';
const anyText = fc.string({ unit: 'binary', maxLength: 400 });

describe('text', () => {
  it('that XML cannot hold is replaced, and nothing else', () => {
    expect(legalText('a\u0000b\u001f\ud800c\ufffe')).toBe('a\ufffdb\ufffd\ufffdc\ufffd');
    expect(legalText('one\r\ntwo\rthree\tü 😀 \u2028')).toBe('one\ntwo\nthree\tü 😀 \u2028');
  });

  it('comes back from XML as it went in, in elements and in attributes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const legal = legalText(text);
        const read = parseXml(render(tag('a', { b: text }, text)));
        expect(read.textContent).toBe(legal);
        expect(read.getAttribute('b')).toBe(legal);
      }),
    );
  });

  it('of a title is one line', () => {
    expect(singleLine('a\nb\r\nc')).toBe('a b c');
  });
});

describe('name of a domain', () => {
  it('is the label where that can be one', () => {
    expect(domainName('Web server (1) "ü" <&>', uuid)).toBe('Web server (1) "ü" <&>');
  });

  it('has no slash, no line end, and is never empty or a directory', () => {
    expect(domainName(' a/b\nc\t', uuid)).toBe('a-b c');
    for (const label of ['', ' \n ', '.', '..']) expect(domainName(label, uuid)).toBe(uuid);
  });

  it('can be told from that of another VM with the same label', () => {
    expect(domainName('web', uuid, true)).toBe('web (5d8cb4ae)');
    expect(isNameOf('web (5d8cb4ae)', 'web', uuid)).toBe(true);
    expect(isNameOf('web', 'web', uuid)).toBe(true);
    expect(isNameOf('web (00000000)', 'web', uuid)).toBe(false);
  });

  it('fits into the name of a file, whatever the label', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (label, distinct) => {
        const name = domainName(label, uuid, distinct);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
        expect(name).toMatch(/^[^/\n]+$/);
        expect(name).toBe(legalText(name).trim());
      }),
    );
  });
});
