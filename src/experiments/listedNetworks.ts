/** What tables of networks list. */
import type { Network } from '../models/index.ts';
import { networkOf, networkSchema } from './networks.ts';

/** A network that is listed. */
export interface ListedNetwork {
  readonly label: string;
  /** What it is, in a sentence. */
  readonly about: string;
  /** Where it was published. */
  readonly source: string;
  /** Its part of a specification; what is left out has its default. */
  readonly specification: object;
}

const VGG =
  'Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015';
const RESNET = 'He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016';
const WRN = 'Zagoruyko and Komodakis, "Wide residual networks", BMVC 2016';

/** Every network as it comes, and the sizes that papers report. */
export const LISTED_NETWORKS: readonly ListedNetwork[] = [
  {
    label: 'vgg',
    about:
      'Three stages of two 3x3 convolutions with batch norm, widths 16-32-64: small enough for two cores.',
    ...{ source: `In the manner of ${VGG}`, specification: {} },
  },
  {
    label: 'vgg, widths 32-64-128',
    about: 'The same, twice as wide.',
    ...{ source: `In the manner of ${VGG}`, specification: { widths: [32, 64, 128] } },
  },
  {
    label: 'plain',
    about:
      'The same as `vgg` without batch norm, with a learned scale and bias per channel: for saturation as of 2015.',
    ...{ source: `In the manner of ${VGG}`, specification: { name: 'plain' } },
  },
  {
    label: 'vgg8b',
    about:
      'Six wide 3x3 convolutions and a hidden dense layer, batch norm and dropout: every hidden layer is a tap.',
    source: 'Nøkland and Eidnes, "Training neural networks with local error signals", ICML 2019',
    specification: { name: 'vgg8b' },
  },
  {
    label: 'nin',
    about:
      'Convolutions with 1x1 convolutions behind them, dropout, and no dense layer: logits are averages of maps.',
    ...{ source: 'Lin, Chen and Yan, "Network in network", ICLR 2014', specification: { name: 'nin' } },
  },
  {
    label: 'resnet, depth 20',
    about: 'Residual blocks of two 3x3 convolutions; shortcuts without parameters.',
    ...{ source: RESNET, specification: { name: 'resnet' } },
  },
  {
    label: 'resnet, depth 110',
    about: 'The same with eighteen blocks a stage instead of three.',
    ...{ source: RESNET, specification: { name: 'resnet', depth: 110 } },
  },
  {
    label: 'wrn, depth 16, widen 4',
    about: 'Residual blocks with batch norm and rectifier before each convolution, four times as wide.',
    ...{ source: WRN, specification: { name: 'wrn' } },
  },
  {
    label: 'wrn, depth 28, widen 10',
    about: 'The same, deeper and ten times as wide as a residual network.',
    ...{ source: WRN, specification: { name: 'wrn', depth: 28, widen: 10 } },
  },
];

/**
 * The listed networks, built.
 *
 * @param side of the images, in pixels
 */
export function listedNetworks({
  side = 32,
  classes = 10,
}: { readonly side?: number; readonly classes?: number } = {}): (ListedNetwork & {
  readonly network: Network;
})[] {
  const train = { height: side, width: side, channels: 3, classes: { length: classes } };
  return LISTED_NETWORKS.map((listed) => {
    const network = networkSchema.parse(listed.specification);
    return { ...listed, network: networkOf({ network }, { train }) };
  });
}
