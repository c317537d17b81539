/** A type of the model, parsed from the text that the schema writes it in. */
export type TypeNode =
  | { readonly kind: 'string' | 'int' | 'float' | 'bool' | 'datetime' | 'void' | 'batch' }
  | { readonly kind: 'enum' | 'ref' | 'record'; readonly name: string }
  | { readonly kind: 'set' | 'option'; readonly of: TypeNode }
  | { readonly kind: 'map'; readonly key: TypeNode; readonly value: TypeNode };

const parsed = new Map<string, TypeNode>();

/** Parses `set(ref VM)`, `map(string,string)` and so on. Throws on text that the schema may not hold. */
export function parseType(text: string): TypeNode {
  let node = parsed.get(text);
  if (!node) {
    node = parse(text);
    parsed.set(text, node);
  }
  return node;
}

function parse(text: string): TypeNode {
  switch (text) {
    case 'string':
    case 'secretstring':
      return { kind: 'string' };
    case 'int':
    case 'float':
    case 'bool':
    case 'datetime':
    case 'void':
      return { kind: text };
    case 'batch event':
      return { kind: 'batch' };
  }
  const named = /^(enum|ref|record) (\w+)$/.exec(text);
  if (named) return { kind: named[1] as 'enum' | 'ref' | 'record', name: named[2] as string };
  const wrapped = /^(set|option|map)\((.*)\)$/.exec(text);
  if (!wrapped) throw new Error(`not a type of the model: ${text}`);
  const inner = wrapped[2] as string;
  if (wrapped[1] !== 'map') return { kind: wrapped[1] as 'set' | 'option', of: parseType(inner) };
  const comma = inner.indexOf(',');
  return { kind: 'map', key: parseType(inner.slice(0, comma)), value: parseType(inner.slice(comma + 1)) };
}
