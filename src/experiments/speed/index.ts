export * from './expectedTime.ts';
export * from './speeds.ts';
