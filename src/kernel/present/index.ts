export { html, image, md, svg, type Displayable } from './rich.ts';
export { describe, present, presentMetadata, type PresentOptions } from './describe.ts';
