import type { Grade } from './behaviour.js';
import { behaviours } from './classes/index.js';
import { type Method, MethodTable } from './method-table.js';

/** How the messages of one class are answered. */
export interface ClassCoverage {
  readonly className: string;
  readonly doc: string;
  /** Messages that follow from the fields: all of them, and those that work. Withdrawn ones are not counted. */
  readonly implicit: { readonly total: number; readonly implemented: number };
  /** Names of the explicit messages by grade. Withdrawn ones are not counted. */
  readonly explicit: Readonly<Record<Grade, readonly string[]>>;
}

/** The original refuses to make consoles, and so do we: refusing is then what the message does. */
function isAnswered({ grade, message }: Method): boolean {
  return grade === 'implemented' || message.class.name === 'console';
}

/** What is answered how, over the whole model: read off the handlers, so that it cannot be out of date. */
export function coverage(): ClassCoverage[] {
  const byClass = new Map<string, Method[]>();
  for (const method of new MethodTable(behaviours).list) {
    const { name } = method.message.class;
    byClass.set(name, [...(byClass.get(name) ?? []), method]);
  }
  return [...byClass].map(([className, methods]) => {
    const live = methods.filter(({ message }) => !message.removed);
    const implicit = live.filter(({ message }) => message.kind !== 'explicit');
    const named = (grade: Grade) =>
      live.filter((method) => method.message.kind === 'explicit' && method.grade === grade).map(({ message }) => message.name);
    return {
      className,
      doc: methods[0]?.message.class.schema.doc ?? '',
      implicit: { total: implicit.length, implemented: implicit.filter(isAnswered).length },
      explicit: { implemented: named('implemented'), 'stored-only': named('stored-only'), refused: named('refused') },
    };
  });
}
