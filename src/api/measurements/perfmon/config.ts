import { DOMParser, type Element } from '@xmldom/xmldom';
import { alerts } from '../../../../schema/errors.js';

/** Longest configuration, in characters: room for a hundred variables. */
const MAX_TEXT = 65_536;
/** Variables that one object may watch. */
const MAX_VARIABLES = 100;

/** How several data sources become one value. */
export type Combination = 'average' | 'sum' | 'share_used';

/** One thing that an object is watched for. */
export interface WatchedVariable {
  readonly name: string;
  readonly level: number;
  /** `high`: the level is an upper bound. */
  readonly sense: 'high' | 'low';
  /** Seconds for which the level must be passed without a break. */
  readonly period: number;
  /** Seconds of silence after an alarm. */
  readonly inhibit: number;
  readonly priority: number;
  readonly combination: Combination;
  /** Names of the data sources. */
  readonly sources: RegExp;
  /** What the configuration said, value by value, for the body of the alarm. */
  readonly given: ReadonlyMap<string, string>;
}

interface Defaults {
  readonly sources: RegExp;
  readonly combination?: Combination;
  readonly sense?: 'low';
}

/** Variables that need no expression of their own. */
const KNOWN: ReadonlyMap<string, Defaults> = new Map([
  ['cpu_usage', { sources: /^cpu\d+$/, combination: 'average' }],
  ['network_usage', { sources: /^(?:vif|pif)_(?!aggr_|bond).+_[rt]x$/ }],
  ['disk_usage', { sources: /^vbd_[^_]+_(?:read|write)$/ }],
  ['memory_free_kib', { sources: /^memory_free_kib$/, sense: 'low' }],
  ['memory_internal_free', { sources: /^memory_internal_free$/, sense: 'low' }],
  ['physical_utilisation', { sources: /^(?:physical_utilisation|size)$/, combination: 'share_used' }],
  ['sr_io_throughput_total_per_host', { sources: /^io_throughput_(?:read|write)(?:_[0-9a-f]{8})?$/ }],
]);

const DEFAULT_PERIOD = 60;
const DEFAULT_INHIBIT = 3600;
/** Of messages: 1 is the most urgent. */
const PRIORITIES = { lowest: 5, highest: 1 };

/** The text is no configuration. */
export class PerfmonError extends Error {}

/** Reads `other_config:perfmon`. Throws PerfmonError with what is wrong. */
export function parsePerfmon(text: string): WatchedVariable[] {
  if (text.length > MAX_TEXT) throw new PerfmonError('it is too long');
  const variables = childrenOf(parseRoot(text)).filter(({ tagName }) => tagName === 'variable');
  if (variables.length > MAX_VARIABLES) throw new PerfmonError('it has too many variables');
  return variables.map((variable) => readVariable(variable));
}

function parseRoot(text: string): Element {
  if (/<!DOCTYPE/i.test(text)) throw new PerfmonError('it has a document type');
  const fail = (_level: string, message: string): never => {
    throw new PerfmonError(message);
  };
  let root: Element | null;
  try {
    root = new DOMParser({ onError: fail }).parseFromString(text, 'text/xml').documentElement;
  } catch (thrown) {
    throw new PerfmonError(thrown instanceof Error ? thrown.message : 'it is no XML', { cause: thrown });
  }
  if (root?.tagName !== 'config') throw new PerfmonError('its root is not config');
  return root;
}

function childrenOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling) if (isElement(node)) found.push(node);
  return found;
}

function isElement(node: object): node is Element {
  return 'tagName' in node;
}

function readVariable(variable: Element): WatchedVariable {
  const given = new Map(
    childrenOf(variable)
      .filter(({ tagName }) => /^[\w.-]+$/.test(tagName))
      .map((child) => [child.tagName, child.getAttribute('value') ?? '']),
  );
  const name = given.get('name');
  if (!name) throw new PerfmonError('a variable has no name');
  const known = KNOWN.get(name);
  const expression = given.get('rrd_regex');
  return {
    name,
    level: numberOf(given, 'alarm_trigger_level'),
    sense: senseOf(given.get('alarm_trigger_sense') ?? known?.sense ?? 'high'),
    period: numberOf(given, 'alarm_trigger_period', DEFAULT_PERIOD),
    inhibit: numberOf(given, 'alarm_auto_inhibit_period', DEFAULT_INHIBIT),
    priority: priorityOf(numberOf(given, 'alarm_priority', alerts.ALARM)),
    combination: combinationOf(given.get('consolidation_fn'), known?.combination ?? 'sum'),
    sources: expression === undefined ? (known?.sources ?? exactly(name)) : expressionOf(expression),
    given,
  };
}

function numberOf(given: ReadonlyMap<string, string>, name: string, otherwise?: number): number {
  const text = given.get(name);
  if (text === undefined && otherwise !== undefined) return otherwise;
  const value = Number(text);
  if (!text || !Number.isFinite(value) || value < 0) throw new PerfmonError(`${name} is no number`);
  return value;
}

function priorityOf(value: number): number {
  return Math.min(PRIORITIES.lowest, Math.max(PRIORITIES.highest, Math.round(value)));
}

function senseOf(text: string): 'high' | 'low' {
  if (text === 'high' || text === 'low') return text;
  throw new PerfmonError(`${text} is no alarm_trigger_sense`);
}

function combinationOf(text: string | undefined, otherwise: Combination): Combination {
  switch (text) {
    case undefined:
      return otherwise;
    case 'average':
    case 'sum':
      return text;
    case 'get_percent_sr_usage':
      return 'share_used';
    default:
      throw new PerfmonError(`${text} is no consolidation_fn here`);
  }
}

function exactly(name: string): RegExp {
  return new RegExp(`^${name.replace(/[^\w]/g, '\\$&')}$`);
}

/**
 * An expression from outside. Matching must not take for ever, so it may not be long, and what repeats without end may
 * neither be a group nor stand more than three times.
 */
function expressionOf(text: string): RegExp {
  const repeats = text.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0;
  if (text.length > 200 || repeats > 3 || /\)[*+{]/.test(text) || /\\\d|\(\?/.test(text))
    throw new PerfmonError('its rrd_regex is too complicated');
  try {
    return new RegExp(`^(?:${text})$`);
  } catch (thrown) {
    throw new PerfmonError('its rrd_regex is no expression', { cause: thrown });
  }
}
