import { SaxesParser } from 'saxes';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

/** An empty element. Attributes that are undefined are left out. */
export function emptyElement(name: string, attributes: Readonly<Record<string, string | undefined>>): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${key}="${value.replace(/[&<>"\t\n\r]/g, (c) => ENTITIES.get(c) ?? c)}"`;
  }
  return `${text}/>`;
}

/** Longest text that is read: what is meant for here is some hundred characters long. */
export const MAX_XML_LENGTH = 64 * 1024;

/** The text is not well-formed XML with the root element that was expected. */
export class SmallXmlError extends Error {
  override readonly name = 'SmallXmlError';
}

/**
 * The attributes of all `child` elements right below the root. White space, comments, an XML declaration and other
 * elements are passed over; entities beyond the five are refused.
 */
export function readChildren(text: string, root: string, child: string): ReadonlyMap<string, string>[] {
  if (text.length > MAX_XML_LENGTH) throw new SmallXmlError(`longer than ${MAX_XML_LENGTH} characters`);
  const found: ReadonlyMap<string, string>[] = [];
  let depth = 0;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw new SmallXmlError(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (depth === 0 && name !== root) throw new SmallXmlError(`not a ${root} element`);
    if (depth === 1 && name === child) found.push(new Map(Object.entries(attributes)));
    depth += 1;
  });
  parser.on('closetag', () => {
    depth -= 1;
  });
  // Saxes allows a declaration at the very start only, scripts put it below an empty line.
  parser.write(text.trimStart()).close();
  return found;
}
