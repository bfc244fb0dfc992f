/** Parts of a set: the list of a part's images, which holds no pixels, and the part again of the list and the whole set. */
export { formatImageList, type ImageList, listImages, parseImageList } from './imageList.ts';
export { takePart, type TakePartOptions } from './takePart.ts';
