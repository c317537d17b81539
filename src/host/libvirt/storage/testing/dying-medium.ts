import type { Medium } from '../tree/medium.js';

/** What a process that is killed does not live to see. */
export class Death extends Error {}

const CHANGES = new Set([
  'createNode',
  'removeNode',
  'growNode',
  'sealNode',
  'shareMemory',
  'removeMemory',
  'putVolume',
  'removeVolume',
  'putClaim',
  'removeClaim',
  'putIntent',
  'removeIntent',
  'switchTo',
  'prepareMerge',
  'mergeNodes',
  'relinkNode',
  'endMerge',
  'commit',
  'pivot',
  'endCommit',
  'letGo',
]);

/** Kills a process at one of its changes: nothing is changed any more, whatever it tries. */
export class Killer {
  /** Changes that the process lives to make. */
  left: number;

  constructor(left: number) {
    this.left = left;
  }

  /** One more change is about to be made. Throws Death when it is not. */
  step(name: string): void {
    if (this.left-- <= 0) throw new Death(name);
  }

  /** The same object, whose changes are counted. */
  watch<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        if (typeof value === 'function') {
          return (...args: unknown[]): unknown => {
            if (CHANGES.has(String(name)) && this.left-- <= 0) return Promise.reject(new Death(String(name)));
            return Reflect.apply(value, object, args);
          };
        }
        return name === 'records' && typeof value === 'object' && value !== null ? this.watch(value) : value;
      },
    });
  }
}

/** A medium of a process that is killed when it has made so many changes. */
export function dyingMedium(medium: Medium, killer: Killer): Medium {
  return killer.watch(medium);
}
