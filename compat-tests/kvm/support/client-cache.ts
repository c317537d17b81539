import type { Xapi, XapiObject } from 'xen-api';
import { until } from '../../../test-support/libvirt/until.js';

/** Milliseconds within which clients have heard of what happened on a host, a busy machine included. */
export const SOON = 1000;

/** Fields of an object, some of them. */
type Wanted = Readonly<Record<string, unknown>>;

/** Whether the client's copy of an object has these values. */
function fits(object: XapiObject, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([field, value]) => JSON.stringify(object[field]) === JSON.stringify(value));
}

/** Objects in the client's copy of the pool, which events alone keep up to date, of one class with these values. */
export function cached(xapi: Xapi, type: string, wanted: Wanted): XapiObject[] {
  return Object.values(xapi.objects.all).filter((object) => object.$type === type && fits(object, wanted));
}

/** The only such object. Throws when there is not exactly one. */
export function onlyCached(xapi: Xapi, type: string, wanted: Wanted): XapiObject {
  const [object, ...more] = cached(xapi, type, wanted);
  if (!object || more.length > 0)
    throw new Error(`${type} ${JSON.stringify(wanted)}: ${more.length + (object ? 1 : 0)} in the client's copy of the pool`);
  return object;
}

/** Resolves with the object of a class with these values, when events have told the client of it. */
export async function told(xapi: Xapi, type: string, wanted: Wanted, patience = SOON): Promise<XapiObject> {
  return until(
    `events that tell of a ${type} with ${JSON.stringify(wanted)}`,
    async () => cached(xapi, type, wanted)[0],
    patience,
  );
}

/** Resolves when events have told the client that there is no such object any more. */
export async function toldGone(xapi: Xapi, type: string, wanted: Wanted, patience = SOON): Promise<void> {
  await until(
    `events that tell of the end of a ${type} with ${JSON.stringify(wanted)}`,
    async () => (cached(xapi, type, wanted).length === 0 ? true : undefined),
    patience,
  );
}

/** References of a field that holds a set of them. */
export function refsIn(object: XapiObject, field: string): string[] {
  const value = object[field];
  // The client has made arrays of sets, or nothing of empty ones.
  return Array.isArray(value) ? value.map(String) : [];
}

/** Reference in a field. */
export function refIn(object: XapiObject, field: string): string {
  return String(object[field]);
}
