import { emptyElement, readChildren } from './xml.js';

/**
 * One limit in VM.recommendations. Nothing enforces it: clients keep to it when they offer values. It is about a `field` or
 * a `property` (older clients look for the latter in counts of devices), and says `min`, `max` or `value`.
 */
export interface Restriction {
  readonly field?: string;
  readonly property?: string;
  readonly min?: string;
  readonly max?: string;
  readonly value?: string;
}

/** The text of VM.recommendations. */
export function formatRecommendations(restrictions: readonly Restriction[]): string {
  const elements = restrictions.map(({ field, property, min, max, value }) =>
    emptyElement('restriction', { field, property, min, max, value }),
  );
  return `<restrictions>${elements.join('')}</restrictions>`;
}

/** Reads VM.recommendations. Text that is no such list means that there are no limits, as it does to clients. */
export function parseRecommendations(text: string): readonly Restriction[] {
  let elements: ReadonlyMap<string, string>[];
  try {
    elements = text ? readChildren(text, 'restrictions', 'restriction') : [];
  } catch {
    return [];
  }
  return elements.map((attributes) => {
    const part = (name: keyof Restriction) => (attributes.has(name) ? { [name]: attributes.get(name) } : {});
    return { ...part('field'), ...part('property'), ...part('min'), ...part('max'), ...part('value') };
  });
}
