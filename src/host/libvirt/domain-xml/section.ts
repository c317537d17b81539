import { isDeepStrictEqual } from 'node:util';
import type { Settings, Traits } from './settings.js';
import type { Element } from './xml.js';

/**
 * One part of a domain's description. `P` is what it says, as plain data. A description is made by writing what the
 * settings express; it is read by keeping settings that express what it says and interpreting it where they do not; it is
 * edited by writing only where old and new settings express something else, so that whatever else is there stays.
 */
export interface Section<P> {
  /** What a description made from the settings says. */
  express(settings: Settings, traits: Traits): P;
  /** What a description says. */
  read(domain: Element): P;
  /** The settings changed so that they express it, as far as they can. */
  interpret(found: P, settings: Settings, traits: Traits): Settings;
  /** `before`: what the description was taken to say; what of it stays the same is left alone. */
  write(domain: Element, wanted: P, traits: Traits, before: P | undefined): void;
  /** Whether a description says what is expressed; without it, when both are equal. */
  agrees?(expressed: P, found: P): boolean;
}

/** A section whose plain data is nobody else's business. */
export interface AnySection {
  build(domain: Element, settings: Settings, traits: Traits): void;
  /** Settings that fit the description: those that are kept of it where they do. */
  understand(domain: Element, settings: Settings, traits: Traits): Settings;
  /** Writes what is expressed differently from before. */
  edit(domain: Element, before: Settings, beforeTraits: Traits, after: Settings, afterTraits: Traits): void;
}

/** What can be done with any section. */
export function section<P>(of: Section<P>): AnySection {
  return {
    build: (domain, settings, traits) => of.write(domain, of.express(settings, traits), traits, undefined),
    understand: (domain, settings, traits) => {
      const found = of.read(domain);
      const expressed = of.express(settings, traits);
      const agrees = of.agrees ? of.agrees(expressed, found) : isDeepStrictEqual(expressed, found);
      return agrees ? settings : of.interpret(found, settings, traits);
    },
    edit: (domain, before, beforeTraits, after, afterTraits) => {
      const wanted = of.express(after, afterTraits);
      const old = of.express(before, beforeTraits);
      if (!isDeepStrictEqual(old, wanted)) of.write(domain, wanted, afterTraits, old);
    },
  };
}
