import { relations } from '../../schema/relations.js';
import type { ClassName } from '../model/types.js';

/** The other end of a field that is part of a relation. */
export interface RelationEnd {
  readonly className: ClassName;
  readonly field: string;
  /** `one`: this field holds one reference; `set`: this field holds many and so does the other one. */
  readonly kind: 'one' | 'set';
}

const ends = new Map<string, Map<string, RelationEnd>>();
const derived = new Map<string, Set<string>>();

function addEnd(className: string, field: string, end: RelationEnd): void {
  const ofClass = ends.get(className) ?? new Map<string, RelationEnd>();
  ofClass.set(field, end);
  ends.set(className, ofClass);
}

function addDerived(className: string, field: string): void {
  const ofClass = derived.get(className) ?? new Set<string>();
  derived.set(className, ofClass.add(field));
}

for (const { kind, from, to } of relations) {
  if (kind === 'weak') continue;
  const far = { className: to[0] as ClassName, field: to[1] };
  addEnd(from[0], from[1], { ...far, kind: kind === 'one-to-many' ? 'one' : 'set' });
  if (kind === 'many-to-many' && (from[0] !== to[0] || from[1] !== to[1]))
    addEnd(to[0], to[1], { className: from[0] as ClassName, field: from[1], kind: 'set' });
  if (from[0] !== to[0] || from[1] !== to[1]) addDerived(to[0], to[1]);
}

const NONE: ReadonlyMap<string, RelationEnd> = new Map();
const NO_FIELDS: ReadonlySet<string> = new Set();

/** Fields of a class whose change must be carried to the other side. */
export function relationEnds(className: ClassName): ReadonlyMap<string, RelationEnd> {
  return ends.get(className) ?? NONE;
}

/** Fields of a class that follow from references elsewhere: they are not written to disk, and are rebuilt at start. */
export function derivedFields(className: ClassName): ReadonlySet<string> {
  return derived.get(className) ?? NO_FIELDS;
}
