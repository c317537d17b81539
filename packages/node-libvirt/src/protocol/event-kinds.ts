import type { Codec, Fields } from '../xdr/codec.js';
import {
  domainEvents,
  type EventShape,
  monitorEvents,
  networkEvents,
  nodeDeviceEvents,
  secretEvents,
  storagePoolEvents,
} from './events.js';

/** Kinds of objects that have events. A daemon counts callbacks for each kind of its own. */
export type EventKind = 'domain' | 'network' | 'storagePool' | 'nodeDevice' | 'secret' | 'monitor';

/** How an event comes in, whatever it tells. */
export interface KnownEvent {
  readonly kind: EventKind;
  readonly name: string;
  readonly payload: Codec<unknown, never>;
}

const kinds: Readonly<Record<EventKind, Readonly<Record<string, EventShape<Fields>>>>> = {
  domain: domainEvents,
  network: networkEvents,
  storagePool: storagePoolEvents,
  nodeDevice: nodeDeviceEvents,
  secret: secretEvents,
  monitor: monitorEvents,
};

const byNumber = new Map(
  Object.entries(kinds).flatMap(([kind, events]) =>
    Object.entries(events).map(([name, { program, number, payload }]) => [
      `${program}/${number}`,
      { kind: kind as EventKind, name, payload },
    ]),
  ),
);

/** The event that a message tells of, if it is a known one. */
export function eventOf(program: number, number: number): KnownEvent | undefined {
  return byNumber.get(`${program}/${number}`);
}
