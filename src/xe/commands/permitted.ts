import { ApiError } from '../../model/error.js';
import type { ApiClient } from '../api/api-client.js';

/**
 * Sees to it that the session may send a message before a command does something else for it that the API would not hear of.
 * @param permission name of the message in lower case
 * Throws ApiError RBAC_PERMISSION_DENIED.
 */
export function assertPermitted(api: ApiClient, permission: string): void {
  const { is_local_superuser, rbac_permissions } = api.record('session', api.session).fields;
  if (is_local_superuser || rbac_permissions.includes(permission)) return;
  throw new ApiError('RBAC_PERMISSION_DENIED', permission, 'No role of this session has the permission.');
}
