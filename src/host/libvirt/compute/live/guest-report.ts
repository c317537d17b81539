import type { TypedParameter } from 'node-libvirt';

/** An address of an interface in a guest. */
export interface GuestAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
}

/** An interface as the guest sees it. */
export interface GuestInterface {
  /** In lower case; empty for one that has none. */
  readonly mac: string;
  readonly addresses: readonly GuestAddress[];
}

/** A file system of a guest. Sizes in bytes. */
export interface GuestFileSystem {
  readonly mountpoint: string;
  readonly type: string;
  readonly total: number;
  readonly used: number;
}

/** What the agent in a guest tells. */
export interface GuestReport {
  /** Without the prefix: `id`, `name`, `pretty-name`, `version-id`, `kernel-release`, ... */
  readonly os: ReadonlyMap<string, string>;
  readonly hostname: string;
  readonly users: readonly string[];
  readonly fileSystems: readonly GuestFileSystem[];
  /** Undefined when the answer has nothing of interfaces: libvirt before 7.10. */
  readonly interfaces: readonly GuestInterface[] | undefined;
}

/** Interfaces, addresses, file systems and users that are looked at: a guest may say what it likes, and as much as it likes. */
const MOST = { interfaces: 64, addresses: 32, fileSystems: 32, users: 16 };
/** Longest text taken from a guest. */
const LONGEST_TEXT = 256;

/** An answer of DOMAIN_GET_GUEST_INFO. Everything in it is the guest's own word: bounded here, checked for its form. */
export function readReport(params: readonly TypedParameter[]): GuestReport {
  const fields = new Map(params.map(({ field, value }) => [field, value]));
  const text = (field: string): string => clean(String(fields.get(field) ?? ''));
  const number = (field: string): number => {
    const value = fields.get(field);
    return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : 0;
  };
  const each = <T>(count: string, most: number, read: (i: number) => T): T[] =>
    Array.from({ length: Math.min(number(count), most) }, (_, i) => read(i));
  return {
    os: new Map(params.flatMap(({ field }) => (field.startsWith('os.') ? [[field.slice(3), text(field)]] : []))),
    hostname: text('hostname'),
    users: each('user.count', MOST.users, (i) => text(`user.${i}.name`)),
    fileSystems: each('fs.count', MOST.fileSystems, (i) => ({
      mountpoint: text(`fs.${i}.mountpoint`),
      type: text(`fs.${i}.fstype`),
      total: number(`fs.${i}.total-bytes`),
      used: number(`fs.${i}.used-bytes`),
    })),
    interfaces: fields.has('if.count')
      ? each('if.count', MOST.interfaces, (i) => ({
          mac: text(`if.${i}.hwaddr`).toLowerCase(),
          addresses: each(`if.${i}.addr.count`, MOST.addresses, (n) =>
            guestAddress(text(`if.${i}.addr.${n}.type`), text(`if.${i}.addr.${n}.addr`)),
          ).flat(),
        }))
      : undefined,
  };
}

/** The address, if it is one of its family; else nothing. */
export function guestAddress(family: string, address: string): GuestAddress[] {
  // A scope names an interface of the guest and means nothing elsewhere.
  const [bare = ''] = address.split('%');
  if (family === 'ipv4' && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(bare)) return [{ family, address: bare }];
  if (family === 'ipv6' && /^[0-9a-f:.]{2,45}$/i.test(bare) && bare.includes(':'))
    return [{ family, address: bare.toLowerCase() }];
  return [];
}

/** Text of a guest without control characters, which no XML can carry. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  return text.slice(0, LONGEST_TEXT).replace(/[\u0000-\u001f\u007f\ufffe\uffff]|[\ud800-\udbff]$/g, '');
}
