import type { NamedTensors } from '../models/index.ts';

/** That a loss does not make a tensor of this name, for messages. */
export function noState(tensor: string, made: NamedTensors): string {
  return `'${tensor}', which is no tensor of its state: it makes ${Object.keys(made).join(', ')}.`;
}
