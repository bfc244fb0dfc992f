export * from './layers.ts';
export * from './network.ts';
export * from './networkInNetwork.ts';
export * from './resnet.ts';
export * from './summary.ts';
export * from './vgg.ts';
export * from './vgg8b.ts';
export * from './wideResnet.ts';
