import { ApiError, toApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import { parseType } from '../model/type-syntax.js';
import { taskResultXml } from '../wire/protocol.js';
import type { Api } from './api.js';
import type { Call } from './call.js';
import { admit } from './callers/callers.js';
import { holdFailure } from './events/hold-failure.js';
import { refuseKnownMistake } from './known-mistakes.js';
import type { Method } from './method-table.js';
import { checkPermission, permissionOf, permissions } from './roles.js';
import type { RpcOutcome, RpcRequest, RpcService } from './rpc.js';
import type { Session } from './session.js';
import { standInTask } from './stand-in-task.js';
import { assertOwnTask } from './task-owner.js';
import type { TaskHandle } from './tasks.js';

const STRINGS = parseType('set(string)');
const STRING = parseType('string');
const TASK_REF = parseType('ref task');

/** Classes whose calls never are tasks. */
const WITHOUT_TASK = new Set(['task', 'event']);

/**
 * Calls that bring changes of others and make none themselves: they need not wait for the disk. A crash that takes back what
 * they told of ends their sessions as well, and a client that comes back gets everything anew.
 */
const TELLS_OF_OTHERS = new Set(['event.from', 'event_from', 'event.next', 'event_next']);

/** Takes calls off the wire in the order of checks that the original has: name, count, types, session, removal, role, work. */
export class Dispatcher implements RpcService {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  call(request: RpcRequest): RpcOutcome | Promise<RpcOutcome> {
    const turn = admit(this.#api.db, request.origin);
    const outcome = turn ? this.#inTurn(turn, request) : this.#answer(request);
    return holdFailure(request.method, outcome, request.origin);
  }

  /** A call of a client that is held to a rate. */
  async #inTurn(turn: Promise<void>, request: RpcRequest): Promise<RpcOutcome> {
    try {
      await turn;
    } catch (thrown) {
      return { ok: false, error: toApiError(thrown) };
    }
    return this.#answer(request);
  }

  #answer(request: RpcRequest): RpcOutcome | Promise<RpcOutcome> {
    const { db } = this.#api;
    const before = db.generation + db.messageGeneration;
    try {
      const outcome = this.#dispatch(request);
      if (outcome instanceof Promise) return this.#afterWork(request, outcome);
      return db.generation + db.messageGeneration === before ? outcome : this.#whenDurable(outcome);
    } catch (thrown) {
      return { ok: false, error: this.#report(request, thrown) };
    }
  }

  async #afterWork(request: RpcRequest, pending: Promise<RpcOutcome>): Promise<RpcOutcome> {
    try {
      const outcome = await pending;
      return this.#api.db.behind && !TELLS_OF_OTHERS.has(request.method) ? await this.#whenDurable(outcome) : outcome;
    } catch (thrown) {
      return { ok: false, error: this.#report(request, thrown) };
    }
  }

  async #whenDurable(outcome: RpcOutcome): Promise<RpcOutcome> {
    try {
      await this.#api.db.durable();
      return outcome;
    } catch (thrown) {
      return { ok: false, error: toApiError(thrown) };
    }
  }

  /** What a client gets for something thrown. What is no error of the API is a fault of ours, and goes into the log. */
  #report({ method, origin }: Pick<RpcRequest, 'method' | 'origin'>, thrown: unknown, task?: TaskHandle): ApiError {
    if (!(thrown instanceof ApiError))
      this.#api.log.error({ err: thrown, method, request: origin.requestId, task: task?.ref }, 'call failed unexpectedly');
    return toApiError(thrown);
  }

  #dispatch(request: RpcRequest): RpcOutcome | Promise<RpcOutcome> {
    const async = /^(?:Async|InternalAsync)\./.test(request.method);
    const name = async ? request.method.slice(request.method.indexOf('.') + 1) : request.method;
    if (name.startsWith('system.')) {
      const answer = this.#introspection(name, request);
      if (answer) return answer;
    }
    const method = this.#api.methods.find(name);
    if (!method) return this.#unknown(name, request);
    if (async && !method.message.async) throw new ApiError('Fault', `${name} has no asynchronous form`);
    const args = this.#arguments(method, request);
    return method.message.session
      ? this.#withSession(method, args, request, async)
      : this.#run(method, args, this.#anonymous(method, request));
  }

  #introspection(name: string, request: RpcRequest): RpcOutcome | undefined {
    if (name === 'system.listMethods') return { ok: true, type: STRINGS, value: this.#api.methodNames, bare: true };
    if (name.startsWith('system.isAlive:'))
      return { ok: true, type: STRING, value: request.decode(STRING, request.params[0] ?? '') };
    return undefined;
  }

  /** A name that no message has is looked for among add-ons; there are none, but a session and the right to call them come first. */
  #unknown(name: string, request: RpcRequest): RpcOutcome {
    if (request.params.length) {
      const session = this.#session(request);
      const extension = permissions.get('host.call_extension');
      if (extension && !session.superuser) checkPermission(session.roles, extension);
    }
    throw new ApiError('MESSAGE_METHOD_UNKNOWN', name);
  }

  #session(request: RpcRequest): Session {
    const ref = request.textOf(request.params[0]);
    if (ref === undefined) throw new ApiError('INTERNAL_ERROR', 'the first parameter is no session reference');
    return this.#api.sessions.find(ref);
  }

  #arguments({ message, required }: Method, request: RpcRequest): unknown[] {
    const offset = message.session ? 1 : 0;
    const received = request.params.length - offset;
    const { params } = message;
    const optional = required < params.length;
    if (received < required || (received > params.length && !optional))
      throw new ApiError('MESSAGE_PARAMETER_COUNT_MISMATCH', message.fullName, String(required), String(received));
    refuseKnownMistake(message.fullName, request);
    return params.map((param, i) => {
      const raw = request.params[i + offset];
      return raw === undefined ? param.initial : request.decode(param.type, raw);
    });
  }

  #anonymous({ message }: Method, request: RpcRequest): Call {
    return {
      api: this.#api,
      session: this.#api.noSession,
      message,
      method: request.method,
      origin: request.origin,
      task: standInTask(request.origin),
    };
  }

  #withSession(method: Method, args: readonly unknown[], request: RpcRequest, async: boolean): RpcOutcome | Promise<RpcOutcome> {
    const { message } = method;
    const session = this.#session(request);
    if (message.poolInternal && !session.pool)
      throw new ApiError('INTERNAL_ERROR', `${message.fullName} is for sessions between hosts of a pool`);
    if (message.removed) throw new ApiError('MESSAGE_REMOVED');
    const call = { api: this.#api, session, message, method: request.method, origin: request.origin };
    if (async) return this.#start(method, args, call);
    this.#checkRole(method, args, session);
    if (!message.async || WITHOUT_TASK.has(message.class.name))
      return this.#run(method, args, { ...call, task: standInTask(request.origin) });
    return this.#runAsTask(method, args, call);
  }

  #checkRole({ message }: Method, args: readonly unknown[], session: Session): void {
    if (!session.superuser) checkPermission(session.roles, permissionOf(message, args));
  }

  #run(method: Method, args: readonly unknown[], call: Call): RpcOutcome | Promise<RpcOutcome> {
    const type = method.message.result;
    const fault = this.#api.faults?.match(method.message.fullName, args);
    const value = fault ? fault.then(() => method.answer(call, args)) : method.answer(call, args);
    if (!(value instanceof Promise)) return { ok: true, type, value };
    return value.then(
      (result: unknown): RpcOutcome => ({ ok: true, type, value: result }),
      (thrown: unknown): RpcOutcome => ({ ok: false, error: this.#report(call, thrown, call.task) }),
    );
  }

  #taskFor(call: Omit<Call, 'task'>): TaskHandle {
    const task = this.#api.tasks.begin(this.#givenTask(call) ?? this.#newTask(call));
    const { log } = this.#api;
    if (log.isLevelEnabled('debug'))
      log.debug({ request: call.origin.requestId, task: task.ref, method: call.method, user: call.session.userName }, 'task');
    return task;
  }

  /** The task that the client wants the call to drive: one of its own, unless something works on it already. */
  #givenTask({ origin, session }: Omit<Call, 'task'>): Ref<'task'> | undefined {
    const { tasks, db } = this.#api;
    const { taskId } = origin;
    if (taskId === undefined || !db.exists('task', taskId) || tasks.isWorkedOn(taskId)) return undefined;
    assertOwnTask(db, session, taskId);
    return taskId as Ref<'task'>;
  }

  #newTask({ origin, session, method }: Omit<Call, 'task'>): Ref<'task'> {
    const { subtaskOf, otherConfig } = origin;
    return this.#api.tasks.create({
      name: method,
      session,
      host: this.#api.localHost,
      ...(subtaskOf !== undefined && { subtaskOf }),
      ...(otherConfig && { otherConfig: new Map([...otherConfig].map(([key, value]) => [`http:${key}`, value])) }),
    });
  }

  /** A synchronous call that has an asynchronous form: a task shows it while it runs, and is gone afterwards. */
  #runAsTask(method: Method, args: readonly unknown[], call: Omit<Call, 'task'>): RpcOutcome | Promise<RpcOutcome> {
    const task = this.#taskFor(call);
    const end = (outcome: RpcOutcome): RpcOutcome => {
      this.#complete(task, outcome);
      if (task.ref !== call.origin.taskId && this.#api.db.exists('task', task.ref)) this.#api.tasks.destroy(task.ref, task.ref);
      return outcome;
    };
    try {
      const outcome = this.#run(method, args, { ...call, task });
      return outcome instanceof Promise ? outcome.then(end) : end(outcome);
    } catch (thrown) {
      return end({ ok: false, error: this.#report(call, thrown, task) });
    }
  }

  #start(method: Method, args: readonly unknown[], call: Omit<Call, 'task'>): RpcOutcome {
    const task = this.#taskFor(call);
    setImmediate(() => void this.#work(method, args, { ...call, task }));
    return { ok: true, type: TASK_REF, value: task.ref };
  }

  async #work(method: Method, args: readonly unknown[], call: Call): Promise<void> {
    let outcome: RpcOutcome;
    try {
      this.#checkRole(method, args, call.session);
      outcome = await this.#run(method, args, call);
    } catch (thrown) {
      outcome = { ok: false, error: this.#report(call, thrown, call.task) };
    }
    this.#complete(call.task, await this.#whenDurable(outcome));
  }

  #complete(task: TaskHandle, outcome: RpcOutcome): void {
    try {
      if (outcome.ok) this.#api.tasks.succeed(task.ref, taskResultXml(outcome.type, outcome.value));
      else this.#api.tasks.fail(task.ref, outcome.error);
    } catch (thrown) {
      // A result that cannot be told must not leave the task pending for ever.
      this.#api.log.error({ err: thrown, task: task.ref }, 'a task could not be ended');
      this.#api.tasks.fail(task.ref, toApiError(thrown));
    }
  }
}
