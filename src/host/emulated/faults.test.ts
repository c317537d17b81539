import { describe, expect, it } from 'vitest';
import { FaultInjector } from './faults.js';

const halted = { code: 'VM_HALTED', params: ['x'] };

describe('fault injector', () => {
  it('hits messages by name and pattern, objects by uuid', () => {
    const faults = new FaultInjector([
      { message: 'VM.start', object: 'a', probability: 1, error: halted },
      { message: 'VDI.*', object: '*', probability: 1, delay: 5 },
    ]);
    expect(faults.match('VM.start', ['a'])?.error).toMatchObject({ code: 'VM_HALTED', params: ['x'] });
    expect(faults.match('VM.start', ['b'])).toBeUndefined();
    expect(faults.match('VM.start_on', ['a'])).toBeUndefined();
    expect(faults.match('VDI.create', [])).toEqual({ delay: 5, error: undefined });
    expect(faults.match('XVDI.create', [])).toBeUndefined();
  });

  it('takes a dot for a dot', () => {
    const faults = new FaultInjector([{ message: 'VM.*', object: '*', probability: 1, delay: 1 }]);
    expect(faults.match('VMSS.start', [])).toBeUndefined();
  });

  it('adds delays up and throws the first error', () => {
    const faults = new FaultInjector([
      { message: '*', object: '*', probability: 1, delay: 5 },
      { message: 'VM.start', object: '*', probability: 1, delay: 7, error: halted },
      { message: 'VM.start', object: '*', probability: 1, error: { code: 'INTERNAL_ERROR', params: [] } },
    ]);
    expect(faults.match('VM.start', [])).toMatchObject({ delay: 12, error: { code: 'VM_HALTED' } });
  });

  it('hits as often as the probability says, the same calls with the same seed', () => {
    const hits = (seed: string): boolean[] => {
      const faults = new FaultInjector([{ message: '*', object: '*', probability: 0.3, delay: 1 }], seed);
      return Array.from({ length: 2000 }, () => faults.match('VM.start', []) !== undefined);
    };
    const share = hits('a').filter(Boolean).length / 2000;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.35);
    expect(hits('a')).toEqual(hits('a'));
    expect(hits('a')).not.toEqual(hits('b'));
    expect(new FaultInjector([{ message: '*', object: '*', probability: 0, delay: 1 }]).match('VM.start', [])).toBeUndefined();
  });

  it('can be given other rules, but none that make no sense', () => {
    const faults = new FaultInjector();
    expect(faults.match('VM.start', [])).toBeUndefined();
    faults.replace([{ message: '*', object: '*', probability: 1, delay: 1 }]);
    const base = { message: '*', object: '*' };
    expect(() => faults.replace([{ ...base, probability: 2, delay: 1 }])).toThrow(TypeError);
    expect(() => faults.replace([{ ...base, probability: 1 }])).toThrow(TypeError);
    expect(() => faults.replace([{ ...base, probability: 1, error: { code: 'NO_SUCH', params: [] } }])).toThrow(TypeError);
    expect(faults.match('VM.start', [])?.delay).toBe(1);
    expect(faults.rules).toHaveLength(1);
  });
});
