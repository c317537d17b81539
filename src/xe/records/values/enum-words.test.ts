import { describe, expect, it } from 'vitest';
import { enums } from '../../../../schema/enums.js';
import { enumWords } from './enum-words.js';

describe('words of an enumeration', () => {
  it('are the API’s unless the command line has its own', () => {
    expect(enumWords('vm_power_state').print('Suspended')).toBe('suspended');
    expect(enumWords('vdi_type').print('ha_statefile')).toBe('HA statefile');
    expect(enumWords('console_protocol').print('rfb')).toBe('RFB');
    expect(enumWords('host_allowed_operations').print('vm_migrate')).toBe('VM.migrate');
    expect(enumWords('host_allowed_operations').print('evacuate')).toBe('evacuate');
    expect(enumWords('tristate_type').print('no')).toBe('false');
    expect(enumWords('vif_locking_mode').print('network_default')).toBe('network_default');
  });

  it('of storage operations name what they are about', () => {
    const words = enumWords('storage_operations');
    expect(['vdi_create', 'vdi_enable_cbt', 'pbd_create', 'scan'].map(words.print)).toEqual([
      'VDI.create',
      'VDI.enable_cbt',
      'PBD.create',
      'scan',
    ]);
  });

  it('are read back, all of them, in any letter case', () => {
    for (const [name, values] of Object.entries(enums)) {
      const words = enumWords(name);
      for (const value of values) {
        const word = words.print(value);
        if (word !== '(unknown operation)') expect(words.parse(word.toUpperCase()), `${name} ${value}`).toBe(value);
      }
    }
  });

  it('are listed when a word is none of them', () => {
    expect(() => enumWords('on_normal_exit').parse('x')).toThrow("Expected one of 'Destroy', 'Restart', got x");
    expect(() => enumWords('allocation_algorithm').parse('x')).toThrow("Expected one of 'depth-first', 'breadth-first', got x");
    expect(() => enumWords('network_default_locking_mode').parse('x')).toThrow("Expected one of 'unlocked', 'disabled', got x");
    expect(() => enumWords('vm_operations').parse('(unknown operation)')).toThrow("'assertoperationvalid'");
  });

  it('stay what they are for a value that is too new', () => {
    expect(enumWords('vdi_type').print('hologram')).toBe('hologram');
    expect(() => enumWords('nonsense')).toThrow('no enumeration nonsense');
  });
});
