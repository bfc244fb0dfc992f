export { BLOCK_ROWS, dotBlocks, type DotProducts } from './blocks.ts';
export { fillAllDotProducts, fillDotProducts, type RowRange } from './products.ts';
