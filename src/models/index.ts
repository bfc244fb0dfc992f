export * from './network.ts';
export * from './vgg.ts';
