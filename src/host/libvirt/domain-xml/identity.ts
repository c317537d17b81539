import type { Settings } from './settings.js';
import type { Stored } from './stored.js';
import { isNameOf, legalText, singleLine } from './text.js';
import { child, drop, type Element, put, tag, textOf } from './xml.js';

/** What a VM is called by its domain: by title where it has one, since names of domains cannot be any text. */
export function readIdentity(domain: Element, stored: Stored | undefined): Pick<Settings, 'name' | 'description'> {
  const name = textOf(domain, 'name') ?? '';
  const title = textOf(domain, 'title');
  const description = textOf(domain, 'description') ?? '';
  if (!stored) return { name: title || name, description };
  const kept = stored.settings;
  // libvirt loses white space at the ends.
  const sameDescription = legalText(kept.description).trim() === description.trim();
  return { name: labelOf(name, title, stored), description: sameDescription ? kept.description : description };
}

function labelOf(name: string, title: string | undefined, { domain, settings }: Stored): string {
  const label = settings.name;
  const titled = title === titleOf(label, domain) || title === titleOf(label, name);
  const named = name === domain || isNameOf(name, label, settings.uuid);
  if (titled) return named ? label : name;
  return title || name;
}

function titleOf(label: string, name: string): string | undefined {
  const title = singleLine(label);
  return title === name || title.trim() === '' ? undefined : title;
}

/** Writes what the VM is called beside the domain's name, which has to be there. */
export function writeIdentity(domain: Element, { name, description }: Pick<Settings, 'name' | 'description'>): void {
  const title = titleOf(name, textOf(domain, 'name') ?? '');
  write(domain, 'title', title);
  write(domain, 'description', description === '' ? undefined : description);
}

function write(domain: Element, name: string, text: string | undefined): void {
  if (text !== undefined) {
    put(domain, tag(name, {}, text));
    return;
  }
  const old = child(domain, name);
  if (old) drop(old);
}
