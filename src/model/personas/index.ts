import { citrixHypervisor82 } from './citrix-hypervisor-8.2.js';
import type { Persona } from './persona.js';
import { xcp16 } from './xcp-1.6.js';
import { xcpNg83 } from './xcp-ng-8.3.js';
import { xenServer8 } from './xenserver-8.js';

export type { Persona, TextMap } from './persona.js';

/** All personas, the default first. */
export const personas: readonly Persona[] = [xcpNg83, xenServer8, citrixHypervisor82, xcp16];

/** What a new pool is if nothing else is said. */
export const defaultPersona: Persona = xcpNg83;

/** The persona of a name (letter case does not matter), or undefined. */
export function findPersona(name: string): Persona | undefined {
  const id = name.trim().toLowerCase();
  return personas.find((persona) => persona.id === id);
}
