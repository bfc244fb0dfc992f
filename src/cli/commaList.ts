/** The names in an option such as `stage1, stage3`. */
export function commaList(value: string): string[] {
  return value.split(',').map((name) => name.trim());
}
