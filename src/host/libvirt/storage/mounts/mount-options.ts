/** Most options that a client may add. */
const MOST = 32;
/** Texts that mean something to a file system alone: no commas, no paths, no quotes. */
const VALUE = /^[\w.:+-]{1,64}$/;

/**
 * What clients may say of a mount: how to speak with the server and what to cache. What would let others run or own something, name files of
 * the host or hold passwords is none of it.
 */
const NFS = new Set([
  ...['soft', 'softerr', 'hard', 'timeo', 'retrans', 'retry', 'rsize', 'wsize', 'ac', 'noac', 'acregmin', 'acregmax', 'acdirmin'],
  ...['acdirmax', 'actimeo', 'proto', 'tcp', 'udp', 'rdma', 'port', 'mountport', 'mountproto', 'mountvers', 'vers', 'nfsvers'],
  ...['minorversion', 'lock', 'nolock', 'local_lock', 'sec', 'nconnect', 'cto', 'nocto', 'lookupcache', 'sharecache'],
  ...[
    'nosharecache',
    'resvport',
    'noresvport',
    'noatime',
    'async',
    'sync',
    'intr',
    'nointr',
    'rdirplus',
    'nordirplus',
    'clientaddr',
  ],
]);
const SMB = new Set([
  ...[
    'vers',
    'sec',
    'seal',
    'sign',
    'domain',
    'port',
    'rsize',
    'wsize',
    'bsize',
    'actimeo',
    'acregmax',
    'acdirmax',
    'cache',
    'hard',
  ],
  ...['soft', 'serverino', 'noserverino', 'nobrl', 'mfsymlinks', 'iocharset', 'nocase', 'persistenthandles', 'resilienthandles'],
  ...['multichannel', 'max_channels', 'echo_interval', 'noatime', 'nosharesock', 'guest', 'handletimeout', 'dfs', 'nodfs'],
]);

/**
 * The options that a client wrote, each `name` or `name=value`. Undefined when there is one that it must not give. A leading `-o`, as people
 * have it from the command line, counts for nothing.
 */
export function clientOptions(kind: 'nfs' | 'smb', text: string): readonly string[] | undefined {
  const known = kind === 'nfs' ? NFS : SMB;
  const options = text
    .replace(/^\s*-o\s*/, '')
    .trim()
    .split(',')
    .filter(Boolean);
  if (options.length > MOST) return undefined;
  for (const option of options) {
    const [name = '', ...values] = option.split('=');
    if (!known.has(name) || values.length > 1 || values.some((value) => !VALUE.test(value))) return undefined;
  }
  return options;
}
