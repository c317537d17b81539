import { ApiError } from '../../../model/error.js';

/** What the name of an export says: the VDI, and the session of whoever reads it. */
export interface ExportName {
  readonly vdi: string;
  readonly session: string;
}

/** `/UUID?session_id=REF`: a secret, for it holds a session. */
export function exportName({ vdi, session }: ExportName): string {
  return `/${vdi}?session_id=${session}`;
}

/** Throws SESSION_INVALID for a name without a session, UUID_INVALID for one without a VDI. */
export function parseExportName(name: string): ExportName {
  const [path = '', query = ''] = name.split('?', 2);
  const session = new URLSearchParams(query).get('session_id') ?? '';
  if (session === '') throw new ApiError('SESSION_INVALID', '');
  const vdi = path.replace(/^\//, '');
  if (vdi === '') throw new ApiError('UUID_INVALID', 'VDI', '');
  return { vdi, session };
}
