import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { checkCertificate } from '../../certificates/check.js';
import { namedCas, recordNamedCa, recordTrusted, removeNamedCa } from '../../certificates/records.js';
import { TrustStore } from '../../certificates/store.js';
import { target } from '../../operations/operations.js';
import type { PoolMessages } from './messages.js';

type Purpose = EnumValue<'certificate_purpose'>;

const CA_ERRORS = {
  invalid: 'CA_CERTIFICATE_INVALID',
  notYet: 'CA_CERTIFICATE_NOT_VALID_YET',
  expired: 'CA_CERTIFICATE_EXPIRED',
} as const;
const TRUSTED_ERRORS = {
  invalid: 'TRUSTED_CERTIFICATE_INVALID',
  notYet: 'TRUSTED_CERTIFICATE_NOT_VALID_YET',
  expired: 'TRUSTED_CERTIFICATE_EXPIRED',
} as const;

const PURPOSES: ReadonlySet<string> = new Set<Purpose>(['licensing', 'ldaps']);

function store({ api }: Call): TrustStore {
  return new TrustStore(api.dataDir);
}

async function installCa(call: Call, name: string, pem: string): Promise<void> {
  const certificate = checkCertificate(pem, CA_ERRORS);
  await store(call).install('ca', name, pem);
  recordNamedCa(call.api.db, name, certificate);
}

async function uninstallCa(call: Call, name: string, force: boolean): Promise<void> {
  await store(call).uninstall('ca', name, force);
  if (!namedCas(call.api.db).includes(name)) throw new ApiError('INVALID_VALUE', 'certificate:name', name);
  removeNamedCa(call.api.db, name);
}

/** Throws CERTIFICATE_LIBRARY_CORRUPT when the store lacks a certificate that the pool knows. */
export async function checkStore({ api }: Call): Promise<void> {
  const there = new Set(await new TrustStore(api.dataDir).list('ca'));
  if (namedCas(api.db).some((name) => !there.has(name))) throw new ApiError('CERTIFICATE_LIBRARY_CORRUPT');
}

/** Hosts of the pool share one store, so that nothing has to be copied; the operation keeps changes apart. */
function changing<T>(call: Call, work: () => Promise<T>): Promise<T> {
  return call.api.operations.run(call.task, [target('pool', call.api.pool, 'copy_primary_host_certs')], work);
}

async function installTrusted(call: Call, ca: boolean, pem: string, purpose: readonly Purpose[]): Promise<Ref<'Certificate'>> {
  const { db } = call.api;
  const certificate = checkCertificate(pem, TRUSTED_ERRORS);
  if (!ca && purpose.length === 0) throw new ApiError('CERTIFICATE_LACKS_PURPOSE');
  const ref = recordTrusted(db, ca, purpose, certificate);
  try {
    await store(call).install(ca ? 'trusted-ca' : 'pinned', fileOf(call, ref), pem);
    return ref;
  } catch (thrown) {
    db.destroy('Certificate', ref);
    throw thrown;
  }
}

function fileOf({ api }: Call, certificate: Ref<'Certificate'>): string {
  return `${api.db.get('Certificate', certificate).uuid}.pem`;
}

async function uninstallTrusted(call: Call, certificate: Ref<'Certificate'>): Promise<void> {
  const { type, name } = call.api.db.get('Certificate', certificate);
  if ((type !== 'ca' && type !== 'pinned') || name !== '') throw new ApiError('NOT_TRUSTED_CERTIFICATE', certificate);
  const file = fileOf(call, certificate);
  call.api.db.destroy('Certificate', certificate);
  await store(call).uninstall(type === 'ca' ? 'trusted-ca' : 'pinned', file, true);
}

function purposesOf(names: readonly string[]): Purpose[] {
  return names.map((name) => {
    if (!PURPOSES.has(name)) throw new ApiError('INVALID_VALUE', 'purpose', name);
    return name as Purpose;
  });
}

async function exchangeTrusted(
  call: Call,
  ca: boolean,
  imported: ReadonlyMap<string, readonly string[]>,
  exported: readonly Ref<'Certificate'>[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  for (const [pem, purpose] of imported) {
    try {
      await installTrusted(call, ca, pem, purposesOf(purpose));
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.code === 'TRUSTED_CERTIFICATE_ALREADY_EXISTS')) throw thrown;
    }
  }
  const found = new Map<string, readonly string[]>();
  for (const ref of exported)
    found.set(
      await store(call).read(ca ? 'trusted-ca' : 'pinned', fileOf(call, ref)),
      call.api.db.get('Certificate', ref).purpose,
    );
  return found;
}

/** Whom the pool trusts: certificates of authorities, of single peers, and lists of those no longer trusted. */
export const trustMessages: PoolMessages = {
  certificate_install: installCa,
  certificate_uninstall: (call, name) => uninstallCa(call, name, false),
  certificate_list: ({ api }) => namedCas(api.db),
  install_ca_certificate: installCa,
  uninstall_ca_certificate: uninstallCa,
  crl_install: (call, name, list) => store(call).install('crl', name, list),
  crl_uninstall: (call, name) => store(call).uninstall('crl', name, false),
  crl_list: (call) => store(call).list('crl'),
  // All hosts of the pool read the same store: reading it shows that it is whole.
  certificate_sync: checkStore,
  exchange_ca_certificates_on_join: async (call, imported, exported) => {
    for (const [name, pem] of imported) await installCa(call, name, pem);
    const found = new Map<string, string>();
    for (const ref of exported) {
      const { name } = call.api.db.get('Certificate', ref);
      found.set(name, await store(call).read('ca', name));
    }
    return found;
  },
  install_trusted_certificate: (call, _self, ca, pem, purpose) =>
    changing(call, async () => {
      await installTrusted(call, ca, pem, purpose);
    }),
  uninstall_trusted_certificate: (call, _self, certificate) => changing(call, () => uninstallTrusted(call, certificate)),
  exchange_trusted_certificates_on_join: (call, _self, ca, imported, exported) =>
    changing(call, () => exchangeTrusted(call, ca, imported, exported)),
  exchange_crls_on_join: (call, _self, imported, exported) =>
    call.api.operations.run(call.task, [target('pool', call.api.pool, 'exchange_crls_on_join')], async () => {
      for (const [name, list] of imported) await store(call).install('crl', name, list);
      const found = new Map<string, string>();
      for (const name of exported) found.set(name, await store(call).read('crl', name));
      return found;
    }),
};
