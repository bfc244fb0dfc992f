import { InvalidArgumentError } from '@commander-js/extra-typings';

import { UsageError } from '../engine/index.ts';

/** The epochs that are meant, ascending, of a run of so many. */
export type EpochNumbers = (epochs: number) => number[];

/**
 * Reads which epochs are meant: `5`, every fifth with the one before training (0) and the last; `0,1,2,5`, those.
 *
 * @throws {UsageError} by what is returned, where the run has fewer epochs
 */
export function epochNumbers(value: string): EpochNumbers {
  const numbers = value.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : NaN));
  const isList = numbers.length > 1;
  if (numbers.some(Number.isNaN) || (!isList && numbers[0] === 0)) {
    throw new InvalidArgumentError(
      'It has to be a whole number from 1 (5: every fifth), or several (0,1,2,5).',
    );
  }
  return (epochs) => {
    if (!isList) return everyEpoch(numbers[0]!, epochs);
    const beyond = numbers.find((epoch) => epoch > epochs);
    if (beyond !== undefined) {
      throw new UsageError(`--keep-epochs names epoch ${beyond}, but the run has ${epochs}.`);
    }
    return [...new Set(numbers)].sort((a, b) => a - b);
  };
}

function everyEpoch(step: number, epochs: number): number[] {
  const all = Array.from({ length: Math.floor(epochs / step) + 1 }, (_, i) => i * step);
  return all.at(-1) === epochs ? all : [...all, epochs];
}
