import { SaxesParser } from 'saxes';
import { badFile } from '../xva/file-error.js';

/** Elements of a description: real ones have some hundred. */
const MOST_ELEMENTS = 50_000;
/** How deep elements lie in one another. */
const DEEPEST = 64;

/**
 * An element of a description. Names are without their prefixes: which ones a file uses is up to its writer, and versions of the format
 * have name spaces of their own.
 */
export interface TreeElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly TreeElement[];
  /** What stands in it outside of elements, without white space around it. */
  readonly text: string;
}

interface OpenElement extends TreeElement {
  readonly children: TreeElement[];
  text: string;
}

/** Reads a document; the caller bounds its length. Throws IMPORT_ERROR for what is not well-formed or has a document type. */
export function readTree(document: string): TreeElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: TreeElement | undefined;
  let count = 0;
  parser.on('error', (error) => {
    throw badFile(`the description of the appliance cannot be read: ${error.message.slice(0, 200)}`);
  });
  // Entities can be given there, and files that are elsewhere.
  parser.on('doctype', () => {
    throw badFile('the description of the appliance has a document type, which has no place in one');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++count > MOST_ELEMENTS || open.length >= DEEPEST) throw badFile('the description of the appliance is too large');
    const pairs = Object.entries(attributes).map(([key, value]) => [localName(key), value] as const);
    open.push({ name: localName(name), attributes: new Map(pairs), children: [], text: '' });
  });
  const addText = (text: string) => {
    const last = open.at(-1);
    if (last) last.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (!element) return;
    element.text = element.text.trim();
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(document).close();
  if (!root) throw badFile('the description of the appliance is empty');
  return root;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Children of some names, in their order. */
export function childrenOf(element: TreeElement | undefined, ...names: readonly string[]): TreeElement[] {
  return element?.children.filter(({ name }) => names.includes(name)) ?? [];
}

/** The first child of a name. */
export function childOf(element: TreeElement | undefined, name: string): TreeElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** Text of the first child of a name; empty where there is none. */
export function textOf(element: TreeElement | undefined, name: string): string {
  return childOf(element, name)?.text ?? '';
}
