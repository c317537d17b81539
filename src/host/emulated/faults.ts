import { ApiError, isErrorCode } from '../../model/error.js';
import { type Random, seededRandom } from './random.js';

/** Says which calls go wrong, how often and how. */
export interface FaultRule {
  /** Name of messages, `*` for any text: `VM.start`, `VM.*`, `*`. Without the `Async.` in front. */
  readonly message: string;
  /** Uuid of the object or `*`. */
  readonly object: string;
  /** Share of the calls that are hit, 0 to 1. */
  readonly probability: number;
  /** Answer with this error instead of doing anything. */
  readonly error?: { readonly code: string; readonly params: readonly string[] };
  /** Milliseconds to wait before the call is done, or before it fails. */
  readonly delay?: number;
}

/** What happens to one call. */
export interface Fault {
  /** Milliseconds to wait first. */
  readonly delay: number;
  /** Thrown after that. */
  readonly error: ApiError | undefined;
}

interface CompiledRule {
  readonly rule: FaultRule;
  readonly pattern: RegExp;
}

/** Most rules at a time: each is tried on every call. */
export const MAX_FAULT_RULES = 1000;

/** Decides for every call whether a fault is injected. The rules may be replaced at any time. */
export class FaultInjector {
  private readonly random: Random;
  private compiled: readonly CompiledRule[] = [];

  /** The same seed, rules and calls give the same faults. */
  constructor(rules: readonly FaultRule[] = [], seed = 'faults') {
    this.random = seededRandom(seed);
    this.replace(rules);
  }

  get rules(): readonly FaultRule[] {
    return this.compiled.map(({ rule }) => rule);
  }

  /** Takes these rules instead of those before. Throws TypeError for one that makes no sense; nothing changes then. */
  replace(rules: readonly FaultRule[]): void {
    if (rules.length > MAX_FAULT_RULES) throw new TypeError(`more than ${MAX_FAULT_RULES} fault rules`);
    this.compiled = rules.map((rule) => {
      if (!(rule.probability >= 0 && rule.probability <= 1)) throw new TypeError('the probability of a fault is between 0 and 1');
      if (rule.error !== undefined && !isErrorCode(rule.error.code)) throw new TypeError(`${rule.error.code} is no error code`);
      if (rule.error === undefined && rule.delay === undefined) throw new TypeError('a fault is an error or a delay');
      return { rule, pattern: globPattern(rule.message) };
    });
  }

  /** The fault for a call on objects with these uuids, if one hits it: the delays of all rules, the first error. */
  match(message: string, uuids: readonly string[]): Fault | undefined {
    let delay = 0;
    let error: ApiError | undefined;
    let hit = false;
    for (const { rule, pattern } of this.compiled) {
      if (rule.object !== '*' && !uuids.includes(rule.object)) continue;
      if (!pattern.test(message) || this.random() >= rule.probability) continue;
      hit = true;
      delay += rule.delay ?? 0;
      error ??= errorOf(rule);
    }
    return hit ? { delay, error } : undefined;
  }
}

function errorOf({ error }: FaultRule): ApiError | undefined {
  return error !== undefined && isErrorCode(error.code) ? new ApiError(error.code, ...error.params) : undefined;
}

function globPattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
