import type { Database } from '../db/database.js';
import { checkPermission, permissions } from './roles.js';
import type { Session } from './session.js';

/**
 * Throws unless a session may drive, change or remove a task: own ones (of the same user) need no right, those of others
 * task.destroy/any. Throws HANDLE_INVALID for no task.
 */
export function assertOwnTask(db: Database, session: Session, task: string): void {
  const { session: owner } = db.get('task', task);
  if (session.superuser) return;
  const ownerSid = db.find('session', owner)?.fields.auth_user_sid;
  if (ownerSid !== undefined && ownerSid === session.userSid) return;
  const anyTask = permissions.get('task.destroy/any');
  if (!anyTask) throw new Error('the schema has no permission task.destroy/any');
  checkPermission(session.roles, anyTask);
}
