/** The part of the package that tests use; it brings no types of its own. */
declare module 'xmlrpc' {
  interface Client {
    methodCall(method: string, params: readonly unknown[], done: (error: Error | null, value: unknown) => void): void;
  }
  export function createClient(options: { host: string; port: number; path: string }): Client;
  export function createSecureClient(options: { host: string; port: number; path: string; ca?: string }): Client;
}
