import { DOMParser, type Element, MIME_TYPE, XMLSerializer } from '@xmldom/xmldom';
import { legalText } from './text.js';

export type { Element } from '@xmldom/xmldom';

/** An element that is to be made. */
export interface Markup {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly (Markup | string)[];
}

/** Attributes; those without a value are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Describes an element that is to be made; children that are undefined are left out. */
export function tag(name: string, attributes: Attributes = {}, ...children: readonly (Markup | string | undefined)[]): Markup {
  return { name, attributes, children: children.filter((one) => one !== undefined) };
}

// The parser would take U+0085 and U+2028 for line ends, which XML 1.0 does not and names may hold.
const parser = new DOMParser({
  locator: false,
  normalizeLineEndings: (text) => text.replace(/\r\n?/g, '\n'),
  onError: (level, message) => {
    // It warns of U+FFFD, which stands for what XML cannot hold.
    if (level !== 'warning') throw new Error(message);
  },
});
const serializer = new XMLSerializer();

/** The root element of a document. Throws Error when it is not well-formed. */
export function parseXml(text: string): Element {
  const { documentElement } = parser.parseFromString(text, MIME_TYPE.XML_TEXT);
  if (!documentElement) throw new Error('the document is empty');
  return documentElement;
}

/** The text of an element. */
export function formatXml(element: Element): string {
  return serializer.serializeToString(element);
}

/** The text of an element that is to be made. */
export function render(markup: Markup): string {
  const root = parseXml(`<${markup.name}/>`);
  fill(root, markup);
  return formatXml(root);
}

/** Puts a new element at the end of another. */
export function append(parent: Element, markup: Markup): Element {
  const made = make(parent, markup);
  parent.appendChild(made);
  return made;
}

/** Puts a new element in the place of the first child of its name, or at the end. */
export function put(parent: Element, markup: Markup): Element {
  const old = child(parent, markup.name);
  if (!old) return append(parent, markup);
  const made = make(parent, markup);
  parent.replaceChild(made, old);
  return made;
}

function make(near: Element, markup: Markup): Element {
  const document = near.ownerDocument;
  if (!document) throw new Error('the element belongs to no document');
  const colon = markup.name.indexOf(':');
  const space =
    colon < 0
      ? null
      : near.lookupNamespaceURI(markup.name.slice(0, colon)) || String(markup.attributes[`xmlns:${markup.name.slice(0, colon)}`]);
  const made = document.createElementNS(space, markup.name);
  fill(made, markup);
  return made;
}

function fill(element: Element, { attributes, children }: Markup): void {
  set(element, attributes);
  for (const one of children) {
    if (typeof one !== 'string') append(element, one);
    else if (element.ownerDocument) element.appendChild(element.ownerDocument.createTextNode(legalText(one)));
  }
}

/** Sets attributes; those that are undefined are taken away. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) element.removeAttribute(name);
    else if (name.startsWith('xmlns:')) element.setAttributeNS('http://www.w3.org/2000/xmlns/', name, String(value));
    else element.setAttribute(name, legalText(String(value)));
  }
}

/** The child elements, or those of a name. */
export function children(parent: Element | undefined, name?: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent?.firstChild; node; node = node.nextSibling)
    if (isElement(node) && (name === undefined || node.nodeName === name)) found.push(node);
  return found;
}

/** The first element on a way down through children of those names. */
export function child(parent: Element | undefined, ...names: readonly string[]): Element | undefined {
  let at = parent;
  for (const name of names) [at] = children(at, name);
  return at;
}

/** The child of a name, which is made where it is missing. */
export function ensure(parent: Element, name: string): Element {
  return child(parent, name) ?? append(parent, tag(name));
}

/** Takes away every child of those names. */
export function remove(parent: Element | undefined, ...names: readonly string[]): void {
  for (const name of names) for (const one of children(parent, name)) drop(one);
}

/** Takes an element out, and the white space before it. */
export function drop(element: Element): void {
  const before = element.previousSibling;
  if (before && before.nodeType === before.TEXT_NODE && (before.nodeValue ?? '').trim() === '')
    before.parentNode?.removeChild(before);
  element.parentNode?.removeChild(element);
}

/** An attribute, or undefined where there is none. */
export function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.getAttribute(name) ?? undefined;
}

/** The text in a child; undefined where there is no such child. */
export function textOf(parent: Element | undefined, ...names: readonly string[]): string | undefined {
  return child(parent, ...names)?.textContent ?? undefined;
}

/** Whether two elements say the same: white space between elements does not count. */
export function sameElement(one: Element, other: Element): boolean {
  if (one.namespaceURI !== other.namespaceURI || one.localName !== other.localName) return false;
  if (one.attributes.length !== other.attributes.length) return false;
  for (const { name, value } of one.attributes) if (other.getAttribute(name) !== value) return false;
  const [some, others] = [children(one), children(other)];
  if (some.length !== others.length) return false;
  if (some.length === 0) return one.textContent === other.textContent;
  return some.every((each, i) => {
    const match = others[i];
    return match !== undefined && sameElement(each, match);
  });
}

function isElement(node: object): node is Element {
  return 'nodeType' in node && node.nodeType === 1;
}
