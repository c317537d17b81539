/** What a check has found. `fail` keeps the gateway from starting or from being used; `warn` may do so later. */
export interface Finding {
  readonly grade: 'ok' | 'warn' | 'fail';
  /** What was looked at. */
  readonly subject: string;
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** All is well. */
export function ok(subject: string, found: string): Finding {
  return { grade: 'ok', subject, found };
}

/** Something that may do harm later. */
export function warn(subject: string, found: string, advice: string): Finding {
  return { grade: 'warn', subject, found, advice };
}

/** Something that keeps the gateway from starting or from being used. */
export function fail(subject: string, found: string, advice: string): Finding {
  return { grade: 'fail', subject, found, advice };
}

/** Code of a system error such as `EACCES`, or the text of any other. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown) return String(thrown.code);
  return thrown instanceof Error ? thrown.message : String(thrown);
}
