import { createStream } from '../../engine/index.ts';

/** A point of the plane, or a vector at one. */
export type Vector = readonly [x: number, y: number];

/** Points of the plane, each of a class, that stand for the features of a batch. */
export interface PlanePoints {
  readonly points: readonly Vector[];
  /** A class for each point, from 0. */
  readonly labels: readonly number[];
}

/**
 * Points on the unit circle, for losses that look at directions only: classes one behind the other, each with its angles.
 *
 * @param degrees the angles of each class, in degrees
 */
export function onCircle(degrees: readonly (readonly number[])[]): PlanePoints {
  const at = (angle: number): Vector => [
    Math.cos((angle * Math.PI) / 180),
    Math.sin((angle * Math.PI) / 180),
  ];
  return {
    points: degrees.flatMap((angles) => angles.map(at)),
    labels: degrees.flatMap((angles, label) => angles.map(() => label)),
  };
}

/** Points around a center for each class, normally distributed: a pure function of the seed. */
export function scattered({
  centers,
  each,
  deviation,
  seed,
}: {
  readonly centers: readonly Vector[];
  /** Points of a class. */
  readonly each: number;
  readonly deviation: number;
  readonly seed: number;
}): PlanePoints {
  const stream = createStream(seed, 'plane');
  const around = ([x, y]: Vector): Vector => [
    x + deviation * stream.normal(),
    y + deviation * stream.normal(),
  ];
  return {
    points: centers.flatMap((center) => Array.from({ length: each }, () => around(center))),
    labels: centers.flatMap((_, label) => Array.from({ length: each }, () => label)),
  };
}

/** The places of a square grid, row by row: `side * side` points from `-reach` to `reach`. */
export function gridPlaces({ reach, side }: { readonly reach: number; readonly side: number }): Vector[] {
  const at = (i: number): number => (side === 1 ? 0 : -reach + (2 * reach * i) / (side - 1));
  return Array.from({ length: side * side }, (_, i): Vector => [at(i % side), at(Math.floor(i / side))]);
}
