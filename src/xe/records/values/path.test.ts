import { describe, expect, it } from 'vitest';
import { classModel } from '../../../model/class-model.js';
import { compilePath } from './path.js';

describe('a path', () => {
  it('has the type of what it ends at, a set where one is on the way', () => {
    expect(compilePath(classModel('VIF'), 'VM').type).toEqual({ kind: 'ref', name: 'VM' });
    expect(compilePath(classModel('VIF'), 'VM.name_label').type).toEqual({ kind: 'string' });
    expect(compilePath(classModel('PGPU'), 'PCI.dependencies.pci_id').type).toEqual({ kind: 'set', of: { kind: 'string' } });
  });

  it('that the model does not have is refused when it is made', () => {
    expect(() => compilePath(classModel('VIF'), 'nothing')).toThrow('VIF has no field nothing');
    expect(() => compilePath(classModel('VIF'), 'VM.nothing')).toThrow('VM has no field nothing');
    expect(() => compilePath(classModel('VIF'), 'device.name_label')).toThrow('VIF.device is no reference');
  });
});
