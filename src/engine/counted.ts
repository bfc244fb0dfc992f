/** A number and what it counts: `1 image`, `2 images`, `1,234 images`. */
export function counted(n: number, one: string): string {
  return `${n.toLocaleString('en-US')} ${one}${n === 1 ? '' : 's'}`;
}
