/** Names of the workbook's own networks. */
export const NETWORK_NAMES = ['vgg', 'plain', 'vgg8b', 'nin', 'resnet', 'wrn'] as const;

export type NetworkName = (typeof NETWORK_NAMES)[number];
