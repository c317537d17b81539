import type { CallOrigin, RpcOutcome, RpcService } from '../../api/rpc.js';
import type { RecordVersion } from '../../model/record.js';
import type { Ref } from '../../model/ref.js';
import type {
  ClassName,
  ConstructibleClass,
  ConstructorArguments,
  ExplicitMessage,
  FieldName,
  Fields,
  MessageArguments,
  MessageResult,
} from '../../model/types.js';
import { decodeValue } from '../../wire/decode.js';

/** Values for a constructor; fields that are left out get the model's defaults. */
export type NewObject<C extends ConstructibleClass> = Partial<ConstructorArguments<C>>;

/**
 * The API as commands use it: every message goes through the dispatcher with the session of the command line, so that a
 * command can do what its user could do with any other client and nothing else.
 */
export class ApiClient {
  readonly #rpc: RpcService;
  readonly #origin: CallOrigin;
  readonly session: Ref<'session'>;

  constructor(rpc: RpcService, origin: CallOrigin, session: Ref<'session'>) {
    this.#rpc = rpc;
    this.#origin = origin;
    this.session = session;
  }

  /** The same way to the API with another session, which is the caller's to log out. */
  withSession(session: Ref<'session'>): ApiClient {
    return new ApiClient(this.#rpc, this.#origin, session);
  }

  /** Sends an explicit message. Rejects with ApiError. */
  async call<C extends ClassName, M extends ExplicitMessage<C>>(
    className: C,
    name: M,
    ...args: MessageArguments<C, M>
  ): Promise<MessageResult<C, M>> {
    return (await this.send(`${className}.${name}`, ...args)) as MessageResult<C, M>;
  }

  /** Starts the asynchronous form of an explicit message; the task is the caller's to destroy. */
  async start<C extends ClassName, M extends ExplicitMessage<C>>(
    className: C,
    name: M,
    ...args: MessageArguments<C, M>
  ): Promise<Ref<'task'>> {
    return (await this.send(`Async.${className}.${name}`, ...args)) as Ref<'task'>;
  }

  /** Sends a message by its full name, whatever the model says of it; one that it does not have answers MESSAGE_METHOD_UNKNOWN. */
  async send(name: string, ...args: readonly unknown[]): Promise<unknown> {
    return unwrap(await this.#dispatch(name, args));
  }

  /** One field of one object. Throws ApiError HANDLE_INVALID when the object is gone. */
  get<C extends ClassName, F extends FieldName<C>>(className: C, ref: Ref<C>, field: F): Fields<C>[F] {
    return this.#read(`${className}.get_${field}`, [ref]) as Fields<C>[F];
  }

  /** One object. Throws ApiError HANDLE_INVALID when it is gone. */
  record<C extends ClassName>(className: C, ref: Ref<C>): RecordVersion<C> {
    return this.#read(`${className}.get_record`, [ref]) as RecordVersion<C>;
  }

  /** Every object of a class, in the order of the API. */
  records<C extends ClassName>(className: C): ReadonlyMap<Ref<C>, RecordVersion<C>> {
    return this.#read(`${className}.get_all_records_where`, ['true']) as ReadonlyMap<Ref<C>, RecordVersion<C>>;
  }

  /** The object with a uuid. Throws ApiError UUID_INVALID when there is none. */
  byUuid<C extends ClassName>(className: C, uuid: string): Ref<C> {
    return this.#read(`${className}.get_by_uuid`, [uuid]) as Ref<C>;
  }

  /** Uuid of an object. */
  uuid<C extends ClassName>(className: C, ref: Ref<C>): string {
    return this.#read(`${className}.get_uuid`, [ref]) as string;
  }

  async set<C extends ClassName, F extends FieldName<C>>(
    className: C,
    ref: Ref<C>,
    field: F,
    value: Fields<C>[F],
  ): Promise<void> {
    await this.send(`${className}.set_${field}`, ref, value);
  }

  async addTo<C extends ClassName>(className: C, ref: Ref<C>, field: FieldName<C>, key: string, value: string): Promise<void> {
    await this.send(`${className}.add_to_${field}`, ref, key, value);
  }

  async removeFrom<C extends ClassName>(className: C, ref: Ref<C>, field: FieldName<C>, key: string): Promise<void> {
    await this.send(`${className}.remove_from_${field}`, ref, key);
  }

  async create<C extends ConstructibleClass>(className: C, values: NewObject<C>): Promise<Ref<C>> {
    return (await this.send(`${className}.create`, new Map(Object.entries(values)))) as Ref<C>;
  }

  async destroy<C extends ConstructibleClass>(className: C, ref: Ref<C>): Promise<void> {
    await this.send(`${className}.destroy`, ref);
  }

  /** Reads that follow from the schema are answered at once, which spares listings of thousands a promise for each value. */
  #read(name: string, args: readonly unknown[]): unknown {
    const outcome = this.#dispatch(name, args);
    if (outcome instanceof Promise) throw new Error(`${name} is not answered at once`);
    return unwrap(outcome);
  }

  #dispatch(method: string, args: readonly unknown[]): RpcOutcome | Promise<RpcOutcome> {
    return this.#rpc.call({
      method,
      params: [this.session, ...args],
      decode: decodeValue,
      textOf: (raw) => (typeof raw === 'string' ? raw : undefined),
      origin: this.#origin,
    });
  }
}

function unwrap(outcome: RpcOutcome): unknown {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
}
