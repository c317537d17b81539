/** The part of the package that tests use; it brings no types of its own. */
declare module 'xen-api' {
  import type { EventEmitter } from 'node:events';

  /** An object of the pool in the client's cache: its fields, and the helpers that the client adds. */
  export interface XapiObject {
    readonly $type: string;
    readonly $ref: string;
    readonly $id: string;
    readonly [name: string]: unknown;
  }

  export interface Options {
    readonly url: string;
    readonly auth?: { readonly user: string; readonly password: string };
    readonly allowUnauthorized?: boolean;
    readonly transport?: 'auto' | 'json-rpc' | 'xml-rpc';
    readonly watchEvents?: boolean | readonly string[];
    /** Milliseconds between polls for events. */
    readonly debounce?: number;
    readonly readOnly?: boolean;
  }

  export class Xapi extends EventEmitter {
    readonly objects: EventEmitter & { readonly all: Record<string, XapiObject> };
    readonly objectsFetched: Promise<void>;
    readonly pool: XapiObject;
    readonly sessionId: string;
    readonly status: string;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    call(method: string, ...args: readonly unknown[]): Promise<unknown>;
    callAsync(method: string, ...args: readonly unknown[]): Promise<unknown>;
    barrier(ref?: string): Promise<XapiObject>;
    getObject(id: string, fallback?: XapiObject): XapiObject;
    getObjectByRef(ref: string): XapiObject;
    getObjectByRef(ref: string, fallback: undefined): XapiObject | undefined;
    getRecord(type: string, ref: string): Promise<XapiObject>;
    getRecordByUuid(type: string, uuid: string): Promise<XapiObject>;
    getAllRecords(type: string): Promise<readonly XapiObject[]>;
    getField(type: string, ref: string, field: string): Promise<unknown>;
    setField(type: string, ref: string, field: string, value: unknown): Promise<void>;
    setFieldEntry(type: string, ref: string, field: string, entry: string, value: string | null): Promise<void>;
    watchTask(ref: string): Promise<unknown>;
    createTask(name: string, description?: string): Promise<string>;
    getResource(
      path: string,
      options?: { readonly query?: Record<string, string>; readonly task?: boolean },
    ): Promise<{ readonly body: AsyncIterable<Buffer>; readonly statusCode: number; readonly task?: Promise<unknown> }>;
    putResource(
      body: string | Buffer,
      path: string,
      options?: { readonly query?: Record<string, string>; readonly task?: boolean | string },
    ): Promise<unknown>;
  }

  export function createClient(options: Options): Xapi;
}
