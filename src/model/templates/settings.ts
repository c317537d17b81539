import { templateBases } from '../../../schema/templates/bases.js';
import type { TemplateSettings } from '../../../schema/templates/define.js';

type TextMap = Readonly<Record<string, string | null>>;

/** Bases on bases that are followed: a longer way means that they go round in a circle. */
const MAX_BASES = 8;

/** The settings with those of all bases below them. Maps are merged key by key. Throws on a base that does not exist. */
export function withBases(settings: TemplateSettings, depth = 0): TemplateSettings {
  const { from, ...own } = settings;
  if (from === undefined) return own;
  const base = Object.hasOwn(templateBases, from) ? templateBases[from] : undefined;
  if (!base || depth >= MAX_BASES) throw new Error(`no such base of templates: ${from}`);
  const below = withBases(base, depth + 1);
  return {
    ...below,
    ...own,
    platform: { ...below.platform, ...own.platform },
    otherConfig: { ...below.otherConfig, ...own.otherConfig },
    limits: { ...below.limits, ...own.limits },
    allows: { ...below.allows, ...own.allows },
  };
}

/** The map without the keys that are taken away. */
export function present(map: TextMap = {}): [string, string][] {
  return Object.entries(map).filter((entry): entry is [string, string] => entry[1] !== null);
}
