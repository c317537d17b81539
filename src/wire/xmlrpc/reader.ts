import { WireSyntaxError } from '../syntax-error.js';
import { decodeEntities } from './entities.js';

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const BANG = 0x21;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

function isBlank(code: number): boolean {
  return code === SPACE || code === NEWLINE || code === TAB;
}

/** Letters, digits and `.`, `-`, `:`, `_`: every name that XML-RPC has. Other names of XML are refused sooner or later anyway. */
function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x2d && code <= 0x3a && code !== SLASH) ||
    code === 0x5f
  );
}

/** Whether text is only what XML lets stand between elements. */
export function isBlankText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isBlank(text.charCodeAt(i))) return false;
  return true;
}

/**
 * Walks once over an XML document. Comments and processing instructions are passed over, attributes are read and
 * forgotten, a DOCTYPE is skipped without a look at what it declares. Every method throws WireSyntaxError where the
 * document is not well formed.
 */
export class XmlReader {
  readonly #text: string;
  #at = 0;
  #empty = false;

  /** Starts at the root element. The text must be free of characters that XML forbids, its lines ended by LF. */
  constructor(text: string) {
    this.#text = text;
    this.#skipBlanks();
    if (text.startsWith('<!DOCTYPE', this.#at)) {
      this.#skipDoctype();
      this.#skipBlanks();
    }
  }

  /** Whether the tag that `open` read last closes itself: `<value/>`. */
  get empty(): boolean {
    return this.#empty;
  }

  /** Reads an opening tag and answers its name. */
  open(): string {
    this.#skipBlanks();
    const text = this.#text;
    let at = this.#at;
    if (text.charCodeAt(at) !== LESS) this.#fail('expected a tag');
    const start = ++at;
    let code = text.charCodeAt(at);
    while (isNameCharacter(code)) code = text.charCodeAt(++at);
    if (at === start) this.#fail('expected the name of a tag');
    const name = text.slice(start, at);
    if (code === GREATER) {
      this.#empty = false;
      this.#at = at + 1;
    } else this.#finishTag(at);
    return name;
  }

  /** Reads an opening tag of this name, or a tag of this name that closes itself. */
  expectOpen(name: string): void {
    if (this.open() !== name) this.#fail(`expected <${name}>`);
  }

  /** Reads the closing tag of this name. */
  close(name: string): void {
    this.#skipBlanks();
    const text = this.#text;
    const start = this.#at;
    let at = start + 2 + name.length;
    if (!text.startsWith('</', start) || !text.startsWith(name, start + 2)) this.#fail(`expected </${name}>`);
    while (isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== GREATER) this.#fail(`expected </${name}>`);
    this.#at = at + 1;
  }

  /** Whether a closing tag comes next. */
  atClose(): boolean {
    this.#skipBlanks();
    return this.#atCloseTag();
  }

  /** Character data up to the next tag, references replaced. */
  characters(): string {
    const end = this.#text.indexOf('<', this.#at);
    if (end < 0) this.#fail('the document ends early');
    const text = decodeEntities(this.#text.slice(this.#at, end));
    this.#at = end;
    const next = this.#text.charCodeAt(end + 1);
    return next === BANG || next === QUESTION ? text + this.#moreCharacters() : text;
  }

  /** Character data after a comment, a CDATA section or a processing instruction. */
  #moreCharacters(): string {
    let gathered = '';
    for (;;) {
      if (this.#text.startsWith('<![CDATA[', this.#at)) {
        const end = this.#find(']]>', this.#at + 9);
        gathered += this.#text.slice(this.#at + 9, end);
        this.#at = end + 3;
      } else if (!this.#skipMarkup()) return gathered;
      const end = this.#find('<', this.#at);
      gathered += decodeEntities(this.#text.slice(this.#at, end));
      this.#at = end;
    }
  }

  #atCloseTag(): boolean {
    return this.#text.charCodeAt(this.#at) === LESS && this.#text.charCodeAt(this.#at + 1) === SLASH;
  }

  #skipBlanks(): void {
    do {
      while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
    } while (this.#skipMarkup());
  }

  /** Passes over one comment or processing instruction. */
  #skipMarkup(): boolean {
    if (this.#text.charCodeAt(this.#at) !== LESS) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next === QUESTION) this.#at = this.#find('?>', this.#at + 2) + 2;
    else if (next === BANG && this.#text.startsWith('--', this.#at + 2)) this.#at = this.#find('-->', this.#at + 4) + 3;
    else return false;
    return true;
  }

  /** Attributes and the end of an opening tag. */
  #finishTag(from: number): void {
    const text = this.#text;
    let at = from;
    for (;;) {
      const before = at;
      while (isBlank(text.charCodeAt(at))) at++;
      const code = text.charCodeAt(at);
      if (code === GREATER || (code === SLASH && text.charCodeAt(at + 1) === GREATER)) {
        this.#empty = code === SLASH;
        this.#at = at + (this.#empty ? 2 : 1);
        return;
      }
      if (at === before || !isNameCharacter(code)) this.#fail('expected the end of a tag');
      at = this.#skipAttribute(at);
    }
  }

  #skipAttribute(from: number): number {
    const text = this.#text;
    let at = from;
    while (isNameCharacter(text.charCodeAt(at))) at++;
    while (isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at++) !== EQUALS) this.#fail('expected the value of an attribute');
    while (isBlank(text.charCodeAt(at))) at++;
    const quote = text[at];
    if (quote !== '"' && quote !== "'") this.#fail('expected a quoted attribute');
    const end = this.#find(quote as string, at + 1);
    if (text.slice(at, end).includes('<')) this.#fail('a tag inside an attribute');
    return end + 1;
  }

  /** A `>` ends it only outside of quotes, of comments and of the brackets with its declarations. */
  #skipDoctype(): void {
    const text = this.#text;
    let at = this.#at + '<!DOCTYPE'.length;
    let declarations = false;
    for (; at < text.length; at++) {
      const character = text[at];
      if (character === '"' || character === "'") at = this.#find(character, at + 1);
      else if (character === '[') declarations = true;
      else if (character === ']') declarations = false;
      else if (character === '<' && text.startsWith('!--', at + 1)) at = this.#find('-->', at + 4) + 2;
      else if (character === '<' && text[at + 1] === '?') at = this.#find('?>', at + 2) + 1;
      else if (character === '>' && !declarations) {
        this.#at = at + 1;
        return;
      }
    }
    this.#fail('the DOCTYPE does not end');
  }

  #find(text: string, from: number): number {
    const found = this.#text.indexOf(text, from);
    if (found < 0) this.#fail(`expected ${text}`);
    return found;
  }

  #fail(what: string): never {
    throw new WireSyntaxError(`XML, character ${this.#at}: ${what}`);
  }
}
