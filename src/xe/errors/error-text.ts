import { errorSentences } from '../../../schema/error-sentences.js';
import { errors } from '../../../schema/errors.js';
import type { ApiError } from '../../model/error.js';
import type { ApiClient } from '../api/api-client.js';
import { objectText } from './object-text.js';
import { UNKNOWN_CODES } from './unknown-codes.js';

type KnownCode = keyof typeof errors;

function isKnown(code: string): code is KnownCode {
  return Object.hasOwn(errors, code) && !UNKNOWN_CODES.has(code);
}

/** Codes whose every parameter has one label, however many there are. */
const ONE_LABEL: Readonly<Record<string, string>> = { VMS_FAILED_TO_COOPERATE: 'VM' };

/** An error of the API with its objects named for people: the lines of one that has a sentence, else code and parameters. */
export type ErrorText =
  | { readonly known: true; readonly lines: readonly string[] }
  | { readonly known: false; readonly code: string; readonly params: readonly string[] };

/** How an error of the API is told. Without an API (before the login) references stay as they are. */
export function errorText(error: ApiError, api: ApiClient | undefined): ErrorText {
  const params = error.params.map((param) => (api ? objectText(api, param) : param));
  const { code } = error;
  return isKnown(code)
    ? { known: true, lines: [errorSentences[code], ...labelled(code, params)] }
    : { known: false, code, params };
}

function labelled(code: KnownCode, params: readonly string[]): string[] {
  const one = ONE_LABEL[code];
  if (one !== undefined) return params.map((param) => `${one}: ${param}`);
  const labels: readonly string[] = errors[code];
  return Array.from(
    { length: Math.max(labels.length, params.length) },
    (_, i) => `${labels[i] ?? '<extra>'}: ${params[i] ?? '<unknown>'}`,
  );
}
