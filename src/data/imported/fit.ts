export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** An area of an image; its edges may lie within pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * How an image comes to another shape than its own: `cover` keeps the largest area in the middle that has the right
 * shape, `contain` keeps all of it and puts black bars beside it, `fill` stretches it.
 */
export type Fit = 'cover' | 'contain' | 'fill';

/** Which area of an image is resized to what, and where that lies in the result. */
export interface ResizePlacement {
  readonly box: Box;
  readonly size: PixelSize;
  readonly left: number;
  readonly top: number;
}

/**
 * Places an image in a result of another size: `cover` as Pillow's `ImageOps.fit` does, `contain` as `ImageOps.pad`,
 * `fill` as `Image.resize`.
 */
export function placeImage(image: PixelSize, result: PixelSize, fit: Fit): ResizePlacement {
  const whole = { left: 0, top: 0, right: image.width, bottom: image.height };
  if (fit === 'fill') return { box: whole, size: result, left: 0, top: 0 };
  if (fit === 'cover') return { box: middle(image, result), size: result, left: 0, top: 0 };
  const size = largest(image, result);
  return {
    box: whole,
    size,
    left: halfToEven((result.width - size.width) / 2),
    top: halfToEven((result.height - size.height) / 2),
  };
}

/** The largest area with the shape of `shape` in the middle of `image`. */
function middle(image: PixelSize, shape: PixelSize): Box {
  const ratio = shape.width / shape.height;
  const own = image.width / image.height;
  const width = own > ratio ? ratio * image.height : image.width;
  const height = own < ratio ? image.width / ratio : image.height;
  const left = (image.width - width) * 0.5;
  const top = (image.height - height) * 0.5;
  return { left, top, right: left + width, bottom: top + height };
}

/** The largest size with the shape of `image` in `within`, by whole pixels. */
function largest(image: PixelSize, within: PixelSize): PixelSize {
  const own = image.width / image.height;
  const ratio = within.width / within.height;
  if (own > ratio) {
    return {
      width: within.width,
      height: Math.max(1, halfToEven((image.height / image.width) * within.width)),
    };
  }
  return { width: Math.max(1, halfToEven(own * within.height)), height: within.height };
}

/** Rounds as Python does: what is half-way goes to the even neighbour. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
