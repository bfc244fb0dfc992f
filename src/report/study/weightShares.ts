import type { EpochRecord } from '../../experiments/index.ts';
import { meanOrNull } from './study.ts';

/**
 * What part of the gradient of the weights a loss has, layer by layer, where it reaches them: means over some looks of probes. Below
 * zero it pulls against the whole.
 */
export function weightShares(
  probes: readonly NonNullable<EpochRecord['probes']>[],
  loss: string,
): { readonly layer: string; readonly share: number }[] {
  const layers = [...new Set(probes.flatMap(({ updateShares }) => Object.keys(updateShares)))];
  return layers.flatMap((layer) => {
    const share = meanOrNull(probes.map(({ updateShares }) => updateShares[layer]?.[loss]));
    return share === null || share === 0 ? [] : [{ layer, share }];
  });
}
