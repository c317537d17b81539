import { describe, expect, it } from 'vitest';
import { normaliseDateTime } from '../datetime.js';
import { defaultPersona, findPersona, type Persona, personas } from './index.js';

const api = ({ apiVersion }: Persona) => apiVersion.major * 100 + apiVersion.minor;

describe('findPersona', () => {
  it('finds each by its name', () => {
    for (const id of ['xcp-ng-8.3', 'xenserver-8', 'citrix-hypervisor-8.2', 'xcp-1.6']) expect(findPersona(id)?.id).toBe(id);
    expect(findPersona(' XCP-ng-8.3 ')).toBe(defaultPersona);
  });

  it('knows no others', () => {
    expect(findPersona('')).toBeUndefined();
    expect(findPersona('xcp-ng')).toBeUndefined();
    expect(findPersona('constructor')).toBeUndefined();
  });
});

describe.each(personas.map((p) => [p.id, p] as const))('%s', (_, persona) => {
  const { softwareVersion: software, licenseParams: license, restrictions } = persona;

  it('has versions that clients can take apart', () => {
    expect(software.product_version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(software.platform_version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const key of ['product_brand', 'build_number', 'date', 'hostname', 'xapi', 'xen', 'linux', 'network_backend'])
      expect(software[key], key).toBeTruthy();
  });

  it('lets in the XenCenters that know its API version', () => {
    expect(software.xencenter_min).toBe(software.xencenter_max);
    const [major, minor] = (software.xencenter_min ?? '').split('.').map(Number);
    expect((major ?? 0) * 100 + (minor ?? 0)).toBeLessThanOrEqual(api(persona));
    expect((major ?? 0) * 100 + (minor ?? 0)).toBeLessThanOrEqual(220);
    expect(api(persona)).not.toBe(207);
  });

  it('has a licence that OpenXenManager can show', () => {
    for (const key of ['sku_marketing_name', 'productcode', 'serialnumber']) expect(license, key).toHaveProperty(key);
    expect(normaliseDateTime(license.expiry ?? '')).toBe(license.expiry);
    expect(persona.licenseServer).toMatchObject({ address: expect.any(String), port: expect.stringMatching(/^\d+$/) });
    expect(persona.editions).toContain(persona.edition);
  });

  it('repeats the restrictions of the pool in each host', () => {
    expect(license).toMatchObject(restrictions);
    expect(restrictions.enable_xha).toBe('true');
    expect(restrictions.restrict_pooling).toBe('false');
    expect(restrictions.restrict_rbac).toBe('false');
    expect(restrictions.restrict_wlb).toBe('true');
    for (const value of Object.values(restrictions)) expect(value).toMatch(/^(true|false)$/);
  });

  it('has a processor and full virtualisation', () => {
    expect(persona.cpuInfo.vendor).toBe('GenuineIntel');
    expect(persona.cpuInfo.features ?? persona.cpuInfo.features_hvm).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{8})+$/);
    expect(persona.capabilities.some((c) => c.startsWith('hvm'))).toBe(true);
  });
});

describe('gates between personas', () => {
  const persona = (id: string) => findPersona(id) as Persona;
  const version = (id: string) => {
    const [major = 0, minor = 0, micro = 0] = (persona(id).softwareVersion.platform_version ?? '').split('.').map(Number);
    return major * 1e6 + minor * 1e3 + micro;
  };

  it('is on the side of the update service that the product is on', () => {
    expect(version('xcp-ng-8.3')).toBeGreaterThanOrEqual(3_002_050);
    expect(version('xenserver-8')).toBeGreaterThanOrEqual(3_003_050);
    expect(version('citrix-hypervisor-8.2')).toBeLessThan(3_002_050);
    expect(version('citrix-hypervisor-8.2')).toBeGreaterThanOrEqual(2_009_050);
  });

  it('is recognised as licensed by XenCenter where XenCenter is meant', () => {
    for (const id of ['xenserver-8', 'citrix-hypervisor-8.2']) expect(persona(id).edition).toMatch(/-per-socket$/);
  });

  it('gives old clients packs that they can read', () => {
    for (const [key, value] of Object.entries(persona('xcp-1.6').softwareVersion))
      if (key.split(':').length === 2) expect(value).toMatch(/, version \S+/);
    expect(persona('xcp-1.6').softwareVersion).not.toHaveProperty('db_schema');
  });

  it('allows TPM and zstd where Xen Orchestra asks for them', () => {
    expect(persona('xcp-ng-8.3').restrictions).toMatchObject({ restrict_vtpm: 'false', restrict_zstd_export: 'false' });
    expect(persona('xcp-1.6').restrictions).not.toHaveProperty('restrict_vtpm');
  });
});
