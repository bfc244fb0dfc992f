import { InvalidArgumentError } from '@commander-js/extra-typings';

/** Reads the value of an option that counts something. */
export function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError('It has to be a whole number from 1.');
  }
  return number;
}
