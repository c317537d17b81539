import { RepositoryError } from './repository.js';

/** Where `other_config:install-repository` leads. */
export type RepositoryAddress =
  | { readonly kind: 'cdrom' }
  | { readonly kind: 'http'; readonly url: URL }
  | { readonly kind: 'nfs'; readonly server: string; readonly path: string };

/** Longest text that is looked at: kernels take no longer argument. */
const LONGEST = 1024;

/** Understands an address as installers write it. Throws RepositoryError for what is none, or cannot be fetched from. */
export function readAddress(text: string): RepositoryAddress {
  if (text === '') throw new RepositoryError('other_config:install-repository does not say where the installer is');
  if (text === 'cdrom') return { kind: 'cdrom' };
  if (text.length > LONGEST || !/^[!-~]+$/.test(text)) throw notUnderstood();
  const nfs = /^nfs:(?:\/\/)?(.*)$/i.exec(text)?.[1];
  if (nfs !== undefined) return readNfs(nfs);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { kind: 'http', url: asDirectory(url) };
  if (url?.protocol === 'ftp:') throw new RepositoryError('FTP is not spoken; http, https, nfs and cdrom are');
  throw notUnderstood();
}

/** The address as installers take it: of NFS there are two ways to write it. */
export function formatAddress(address: RepositoryAddress, nfs: 'colon' | 'url'): string {
  if (address.kind === 'cdrom') return 'cdrom';
  if (address.kind === 'http') return address.url.href;
  const { server, path } = address;
  return nfs === 'colon' ? `nfs:${server}:${path}` : `nfs://${server}${path}`;
}

/** `server:/path`, `server/path`, or both; the server may be an IPv6 address in brackets. */
function readNfs(text: string): RepositoryAddress {
  const [, server, path] = /^([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:]+\]):?(\/.*)$/.exec(text) ?? [];
  if (server === undefined || path === undefined) throw notUnderstood();
  return { kind: 'nfs', server, path };
}

/** Files are looked for below it. */
function asDirectory(url: URL): URL {
  const directory = new URL(url);
  if (!directory.pathname.endsWith('/')) directory.pathname += '/';
  directory.hash = '';
  return directory;
}

function notUnderstood(): RepositoryError {
  return new RepositoryError('other_config:install-repository is no http, https or nfs address, and not "cdrom"');
}
