/** A transfer that could not be done. The text is for the user; without one the server says what is wrong. */
export class TransferFailure extends Error {
  override readonly name: string = 'TransferFailure';
}

/** A file of the user is in the way. The user knows all of it then: what the server makes of a transfer that never began adds nothing. */
export class FileFailure extends TransferFailure {
  override readonly name = 'FileFailure';
}

/** What is said of a transfer that the system would not let happen. */
export function operationFailed(text: string): TransferFailure {
  return new TransferFailure(operationFailedText(text));
}

/** What is said of an upload of a file that is not there. */
export function fileMissing(name: string): FileFailure {
  return new FileFailure(operationFailedText(`file '${name}' does not exist`));
}

function operationFailedText(text: string): string {
  return `Operation failed. Error: ${text}`;
}

/** The system's words for what goes wrong with files, as scripts know them from the original. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  EEXIST: 'File exists',
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
};

/** What is said of a file that cannot be used. */
export function fileFailed(name: string, code: string | undefined, otherwise: string): FileFailure {
  const problem = (code !== undefined && FILE_ERRORS[code]) || otherwise;
  return new FileFailure(operationFailedText(`Sys_error("${name}: ${problem}")`));
}
