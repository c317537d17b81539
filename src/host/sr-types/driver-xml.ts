/** An element: its name and its text or its children. */
export type Element = readonly [name: string, content: string | readonly Element[]];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * A document as storage drivers print it: every element and every text on a line of its own. Old clients count the
 * whitespace between elements as nodes, so it is part of the form.
 */
export function driverXml(root: Element): string {
  return `<?xml version="1.0" ?>\n${lines(root, '')}`;
}

function lines([name, content]: Element, indent: string): string {
  if (content.length === 0) return `${indent}<${name}/>\n`;
  const inner =
    typeof content === 'string'
      ? `${indent}\t${content.replace(/[&<>"]/g, (c) => ESCAPES[c] ?? c)}\n`
      : content.map((child) => lines(child, `${indent}\t`)).join('');
  return `${indent}<${name}>\n${inner}${indent}</${name}>\n`;
}
