import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ArgumentsOf, DomainEventName, DomainEventOf, Procedure, ResultOf } from 'node-libvirt';
import type { Unsubscribe } from '../../../progress.js';
import type { Session } from '../../connection/session.js';

/** What a daemon that is none answers to each call. */
export type Answers = {
  [P in Procedure]?: (args: ArgumentsOf<P>) => ResultOf<P> | Promise<ResultOf<P>>;
};

/** A session that answers as it is told, and remembers what it was asked. */
export class FakeSession implements Session {
  connected = true;
  /** Names of the calls, in their order. */
  readonly asked: string[] = [];
  readonly answers: Answers;
  private readonly events = new EventEmitter();

  constructor(answers: Answers) {
    this.answers = answers;
  }

  async call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>): Promise<ResultOf<P>> {
    this.asked.push(procedure);
    const answer: Answers[P] = this.answers[procedure];
    if (answer === undefined) throw new Error(`nobody told what to answer to ${procedure}`);
    return answer(args);
  }

  read<P extends Procedure>(procedure: P, args: ArgumentsOf<P>): Promise<ResultOf<P>> {
    return this.call(procedure, args);
  }

  async openStream(): Promise<{ readonly result: never; readonly stream: Duplex }> {
    throw new Error('a session that is none has no streams');
  }

  onDomainEvent<E extends DomainEventName>(event: E, listener: (event: DomainEventOf<E>) => void): Unsubscribe {
    this.events.on(event, listener);
    return () => this.events.off(event, listener);
  }

  /** Tells an event to whoever listens. */
  tell<E extends DomainEventName>(event: E, what: DomainEventOf<E>): void {
    this.events.emit(event, what);
  }

  onMonitorEvent(): Unsubscribe {
    return () => undefined;
  }

  onReconnect(listener: () => void): Unsubscribe {
    this.events.on('reconnect', listener);
    return () => this.events.off('reconnect', listener);
  }

  /** The daemon is there again. */
  reconnect(): void {
    this.events.emit('reconnect');
  }

  onDisconnect(): Unsubscribe {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.connected = false;
  }
}
