import { describe, expect, it } from 'vitest';
import { emulateSchema } from './emulate.js';

const issues = (raw: unknown): string =>
  emulateSchema
    .safeParse(raw)
    .error?.issues.map(({ message }) => message)
    .join('\n') ?? 'accepted';

describe('emulateSchema', () => {
  it('reads the short form', () => {
    expect(emulateSchema.parse('hosts=2, vms=10,running=3,vm-memory=512MiB,vm-disk=0,delay=1.5s')).toEqual({
      hosts: 2,
      vms: 10,
      running: 3,
      suspended: 0,
      srs: 1,
      networks: 1,
      vmMemory: 512 * 2 ** 20,
      vmVcpus: 1,
      vmDisk: 0,
      hostMemory: 64 * 2 ** 30,
      hostCpus: 16,
      srSize: 2 * 2 ** 40,
      delay: 1500,
    });
  });

  it('reads a map, with numbers as numbers or as text', () => {
    expect(emulateSchema.parse({ hosts: 2, vms: '10', 'vm-memory': 2 ** 30 })).toEqual(
      emulateSchema.parse('hosts=2,vms=10,vm-memory=1GiB'),
    );
  });

  it('is one host without VMs when nothing is said', () => {
    expect(emulateSchema.parse('')).toMatchObject({ hosts: 1, vms: 0, delay: 0 });
  });

  it.each([
    ['hosts=2,vmz=4', /unknown "vmz": the keys are hosts, vms, /],
    ['hosts', /expected KEY=VALUE, got "hosts"/],
    ['hosts=1,hosts=2', /hosts is given twice/],
    ['hosts=0', /hosts: expected a whole number from 1 to 64, got "0"/],
    ['vms=-1', /vms: expected a whole number/],
    ['vms=20001', /20000/],
    ['vm-memory=4GB', /vm-memory: expected a size from 16MiB to 1TiB/],
    ['delay=1d', /delay: expected a time/],
    ['vms=2,running=2,suspended=1', /running=2 and suspended=1 are more than vms=2/],
    ['__proto__=1', /unknown "__proto__"/],
    [['hosts=1'], /expected hosts=N/],
    [7, /expected hosts=N/],
  ])('refuses %j', (raw, message) => {
    expect(issues(raw)).toMatch(message);
  });

  it('names every key that is wrong', () => {
    expect(issues('hosts=x,vms=y')).toMatch(/hosts: .*\nvms: /);
  });
});
