export { BLOCK_ROWS, dotBlocks, type DotProducts } from './blocks.ts';
export { fillDotProducts, type RowRange } from './products.ts';
