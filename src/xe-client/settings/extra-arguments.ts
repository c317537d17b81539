/** Arguments from the variable XE_EXTRA_ARGS: separated by commas, `\,` is a comma, and all backslashes go. */
export function extraArguments(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map((word) => word.replaceAll('\\', ''))
    .filter((word) => word !== '');
}
