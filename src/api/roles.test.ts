import { describe, expect, it } from 'vitest';
import { messageModels } from '../model/message-model.js';
import { checkPermission, maskOfRoles, permissionOf, permissions } from './roles.js';

const message = (name: string) => {
  const found = messageModels.find((m) => m.fullName === name);
  if (!found) throw new Error(name);
  return found;
};

const count = (role: string) => [...permissions.values()].filter((p) => p.mask & maskOfRoles([role])).length;

describe('permissions', () => {
  it.each([
    ['pool-admin', 2284],
    ['pool-operator', 2150],
    ['vm-power-admin', 1666],
    ['vm-admin', 1626],
    ['vm-operator', 1464],
    ['client-cert', 1428],
    ['read-only', 1384],
  ])('of %s are %i, as with the original', (role, total) => {
    expect(count(role)).toBe(total);
  });

  it('of a map key take the place of the message', () => {
    const add = message('VM.add_to_other_config');
    expect(permissionOf(add, ['ref', 'folder', '/a']).name).toBe('vm.add_to_other_config/key:folder');
    expect(permissionOf(add, ['ref', 'XenCenter.CustomFields.owner', 'me']).name).toBe(
      'vm.add_to_other_config/key:xencenter.customfields.*',
    );
    expect(permissionOf(add, ['ref', 'anything', 'x']).name).toBe('vm.add_to_other_config');
  });

  it('are denied with their name and the roles that have them', () => {
    const start = permissionOf(message('VM.start'), []);
    expect(() => checkPermission(maskOfRoles(['read-only']), start)).toThrow(/vm\.start.*pool-admin, pool-operator/);
    expect(() => checkPermission(maskOfRoles(['vm-operator']), start)).not.toThrow();
    expect(() => checkPermission(0, start)).toThrow('RBAC_PERMISSION_DENIED');
  });
});
