import { expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { loadRoles } from '../inventory/role-records.js';
import { apiFixture } from '../testing/fixture.js';

async function roles() {
  const f = await apiFixture();
  loadRoles(f.api.db);
  const named = async (name: string) => {
    const [ref] = await f.call<Ref<'role'>[]>('role.get_by_name_label', name);
    if (!ref) throw new Error(`there is no role ${name}`);
    return ref;
  };
  return { ...f, named };
}

it('knows the seven roles under the uuids that they have everywhere', async () => {
  const f = await roles();
  expect(await f.call('role.get_uuid', await f.named('pool-admin'))).toBe('0165f154-ba3e-034e-6b27-5d271af109ba');
  expect(await f.call('role.get_by_name_label', 'superuser')).toEqual([]);
  expect(await f.call('role.get_is_internal', await f.named('vm-operator'))).toBe(false);
});

it('tells the permissions of a role', async () => {
  const f = await roles();
  const names = await f.call<string[]>('role.get_permissions_name_label', await f.named('vm-operator'));
  expect(names).toContain('vm.start');
  expect(names).not.toContain('vm.create');
  const refs = await f.call<string[]>('role.get_permissions', await f.named('vm-operator'));
  expect(refs).toHaveLength(names.length);
});

it('takes a permission for its own only one', async () => {
  const f = await roles();
  const permission = await f.named('vm.start');
  expect(await f.call('role.get_permissions', permission)).toEqual([permission]);
  expect(await f.call('role.get_subroles', permission)).toEqual([]);
});

it('finds the roles that have a permission, whatever else that is named like it', async () => {
  const f = await roles();
  const named = (...names: string[]) => Promise.all(names.map(f.named));
  const byName = await f.call<string[]>('role.get_by_permission_name_label', 'vm.create');
  expect(new Set(byName)).toEqual(new Set(await named('pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin')));
  expect(await f.call<string[]>('role.get_by_permission', await f.named('vm.create'))).toEqual(byName);
  expect(await f.call('role.get_by_permission_name_label', 'VM.create')).toEqual([]);
  await expect(f.call('role.get_by_permission', 'OpaqueRef:none')).rejects.toMatchObject({ code: 'HANDLE_INVALID' });
});

it('loads the same roles again without a trace', async () => {
  const f = await roles();
  const before = f.api.db.table('role').rows.size;
  loadRoles(f.api.db);
  expect(f.api.db.table('role').rows.size).toBe(before);
});
