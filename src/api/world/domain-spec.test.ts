import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../testing/emulated-pool.js';
import { createVtpm, removeVtpm } from '../vtpms.js';
import { domainSpec } from './domain-spec.js';

let pool: EmulatedPool;
let vm: Ref<'VM'>;
beforeEach(async () => {
  pool = await emulatedPool();
  vm = pool.api.db.create('VM', { name_label: 'one', platform: new Map([['acpi', '1']]) });
});
afterEach(() => pool.close());

describe('the hardware of a VM', () => {
  it('has a TPM while the VM has one as an object', () => {
    const keys = () => [...domainSpec(pool.api.db, vm).platform];
    expect(keys()).toEqual([['acpi', '1']]);
    const vtpm = createVtpm(pool.api.db, vm, false);
    expect(keys()).toEqual([
      ['acpi', '1'],
      ['vtpm', 'true'],
    ]);
    removeVtpm(pool.api.db, vtpm);
    expect(keys()).toEqual([['acpi', '1']]);
  });
});
