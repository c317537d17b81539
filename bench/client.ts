import { Connection } from './connection.js';

type Value = string | number | boolean | readonly Value[];
type JsonValue = Value | readonly JsonValue[] | { readonly [key: string]: JsonValue };

function xml(value: Value): string {
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === 'number' && !Number.isInteger(value)) return `<value><double>${value}</double></value>`;
  if (Array.isArray(value)) return `<value><array><data>${value.map(xml).join('')}</data></array></value>`;
  return `<value>${value}</value>`;
}

/** Bytes of a call over XML-RPC. */
export function xmlRequest(method: string, ...params: Value[]): Buffer {
  const list = params.map((value) => `<param>${xml(value)}</param>`).join('');
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${list}</params></methodCall>`;
  return request('/', 'text/xml', body);
}

/** Bytes of a call over JSON-RPC 2.0. */
export function jsonRequest(method: string, ...params: JsonValue[]): Buffer {
  return request('/jsonrpc', 'application/json', JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
}

function request(path: string, type: string, body: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** A client that asks over JSON and gets values: for setting a measurement up. */
export class Client {
  readonly connection: Connection;
  #session = '';

  private constructor(connection: Connection) {
    this.connection = connection;
  }

  static async login(port: number, password: string, address = '127.0.0.1'): Promise<Client> {
    const client = new Client(await Connection.open(port, address));
    client.#session = await client.raw<string>('session.login_with_password', 'root', password, '1.0', 'bench');
    return client;
  }

  get session(): string {
    return this.#session;
  }

  /** Calls with the session. Rejects with the error that the server gives. */
  call<T>(method: string, ...params: JsonValue[]): Promise<T> {
    return this.raw<T>(method, this.#session, ...params);
  }

  /** Calls with exactly these parameters. */
  async raw<T>(method: string, ...params: JsonValue[]): Promise<T> {
    const body = await this.connection.send(jsonRequest(method, ...params));
    const { result, error } = JSON.parse(body.toString()) as { result: T; error?: { message: string; data: string[] } };
    if (error) throw new Error(`${method}: ${error.message} ${error.data.join(' ')}`);
    return result;
  }

  close(): void {
    this.connection.close();
  }
}
