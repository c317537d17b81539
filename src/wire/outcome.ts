import type { ApiError } from '../model/error.js';
import type { TypeNode } from '../model/type-syntax.js';

/** What comes of a call, as the encoders need it. `bare` results go out without the Status/Value envelope in XML-RPC. */
export type Outcome =
  | { readonly ok: true; readonly type: TypeNode; readonly value: unknown; readonly bare?: true }
  | { readonly ok: false; readonly error: ApiError };
