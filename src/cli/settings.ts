import { Option } from '@commander-js/extra-typings';

/** The option `--set PATH=VALUE`, which may be given several times. */
export function settings(description: string) {
  return new Option('--set <path=value>', description)
    .argParser((value: string, previous: readonly string[]): string[] => [...previous, value])
    .default([] as string[], 'no change');
}
