import { ApiError } from '../../model/error.js';

/** Characters of a name out of a file that an error repeats. */
const NAME_SHOWN = 200;

/** The refusal of a file whose content makes no sense. */
export function badFile(message: string): ApiError {
  return new ApiError('IMPORT_ERROR', message);
}

/** The refusal of a file that ends in the middle. */
export function earlyEnd(): ApiError {
  return new ApiError('IMPORT_ERROR_PREMATURE_EOF');
}

/** The refusal of a file in which something else comes next than what has to. */
export function unexpectedFile(expected: string, found: string): ApiError {
  return new ApiError('IMPORT_ERROR_UNEXPECTED_FILE', expected, found.slice(0, NAME_SHOWN));
}
