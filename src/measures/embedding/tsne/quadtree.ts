/**
 * The tree of Barnes and Hut in the plane: squares that hold points, each halved in both directions until a square
 * holds one point. From far away a square counts as its points' mean.
 *
 * The points are sorted along a Morton curve, so that a square is a range of them and the tree a list of nodes in the
 * order in which a walk meets them: the walk goes on to the next node, or skips those within the square. Everything
 * lies in typed arrays that are made once.
 */
export interface Quadtree {
  /** Sorts the points, `[n, 2]`, and builds the tree anew. */
  readonly build: (points: Float64Array) => void;
  /**
   * Adds `sum_j q_ij^2 (y_i - y_j)` with `q_ij = 1 / (1 + ||y_i - y_j||^2)` to the forces, for the points from `first`
   * to before `last` in the tree's own order.
   *
   * @param forces `[n, 2]` in the order of the points
   * @returns `sum_i sum_{j != i} q_ij` over these points
   */
  readonly repel: (forces: Float64Array, first: number, last: number) => number;
}

/** Halvings of the outer square: a Morton code holds 16 bits of each coordinate. */
const LEVELS = 16;
/** A node: x and y of its points' mean, how many they are, and the squared distance above which it counts as one. */
const FIELDS = 4;

/**
 * A tree for `n` points.
 *
 * @param theta a square of width w counts as one point at distances above w / theta; 0 = never. Below 0.7 a point
 *   cannot take its own square for a stranger's.
 */
export function quadtree(n: number, theta: number): Quadtree {
  const codes = new Uint32Array(n);
  const order = new Uint32Array(n);
  const spareCodes = new Uint32Array(n);
  const spareOrder = new Uint32Array(n);
  /** `[n, 2]` the points in the order of the tree. */
  const sorted = new Float64Array(2 * n);
  // Every inner node has at least two children: fewer of them than points.
  const nodes = new Float64Array(2 * n * FIELDS);
  /** The node behind the last one within each. */
  const next = new Uint32Array(2 * n);
  let count = 0;
  let extent = 0;

  /** Adds the node of a range of points and all within it. */
  const add = (first: number, last: number): number => {
    const node = count++;
    const at = node * FIELDS;
    let x = 0;
    let y = 0;
    // The highest bit in which the first and the last differ tells how small a square holds them all.
    const differing = (codes[first]! ^ codes[last - 1]!) >>> 0;
    if (differing === 0) {
      for (let i = first; i < last; i++) {
        x += sorted[2 * i]!;
        y += sorted[2 * i + 1]!;
      }
      // Points in one square of the finest level (nearly always one point) count as one at every distance.
      nodes[at + 3] = -1;
    } else {
      const shift = (31 - Math.clz32(differing)) & ~1;
      const width = extent * 2 ** (shift / 2 + 1 - LEVELS);
      for (let start = first; start < last;) {
        const quadrant = codes[start]! >>> shift;
        let end = start + 1;
        while (end < last && codes[end]! >>> shift === quadrant) end++;
        const child = add(start, end) * FIELDS;
        x += nodes[child]! * nodes[child + 2]!;
        y += nodes[child + 1]! * nodes[child + 2]!;
        start = end;
      }
      nodes[at + 3] = (width / theta) ** 2;
    }
    const mass = last - first;
    nodes[at] = x / mass;
    nodes[at + 1] = y / mass;
    nodes[at + 2] = mass;
    next[node] = count;
    return node;
  };

  const build = (points: Float64Array): void => {
    extent = mortonCodes(points, codes);
    for (let i = 0; i < n; i++) order[i] = i;
    sortByCode(codes, order, spareCodes, spareOrder);
    for (let i = 0; i < n; i++) {
      sorted[2 * i] = points[2 * order[i]!]!;
      sorted[2 * i + 1] = points[2 * order[i]! + 1]!;
    }
    count = 0;
    add(0, n);
  };

  const repel = (forces: Float64Array, first: number, last: number): number => {
    let total = 0;
    for (let i = first; i < last; i++) {
      const x = sorted[2 * i]!;
      const y = sorted[2 * i + 1]!;
      let forceX = 0;
      let forceY = 0;
      let sum = 0;
      for (let node = 0; node < count;) {
        const at = node * FIELDS;
        const dx = x - nodes[at]!;
        const dy = y - nodes[at + 1]!;
        const square = dx * dx + dy * dy;
        if (square > nodes[at + 3]!) {
          const q = 1 / (1 + square);
          const weight = nodes[at + 2]! * q;
          sum += weight;
          forceX += weight * q * dx;
          forceY += weight * q * dy;
          node = next[node]!;
        } else {
          node++;
        }
      }
      forces[2 * order[i]!]! += forceX;
      forces[2 * order[i]! + 1]! += forceY;
      // The point met itself, at distance 0.
      total += sum - 1;
    }
    return total;
  };
  return { build, repel };
}

/**
 * The Morton code of each point: the bits of its place in the square around all of them, x and y by turns.
 *
 * @returns the width of that square
 */
function mortonCodes(points: Float64Array, codes: Uint32Array): number {
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    bottom = Math.min(bottom, points[i + 1]!);
    top = Math.max(top, points[i + 1]!);
  }
  const extent = Math.max(right - left, top - bottom);
  // Where all points are one, any scale gives code 0.
  const scale = extent > 0 ? (2 ** LEVELS - 1) / extent : 0;
  for (let i = 0; i < codes.length; i++) {
    codes[i] =
      (spread((points[2 * i]! - left) * scale) | (spread((points[2 * i + 1]! - bottom) * scale) << 1)) >>> 0;
  }
  return extent * (2 ** LEVELS / (2 ** LEVELS - 1));
}

/** The low 16 bits of a number, a zero bit between each two. */
function spread(value: number): number {
  let bits = value & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

const BYTE = 256;
const counts = new Uint32Array(BYTE);

/** Sorts codes, and the order with them, a byte at a time. Four passes: the result is back in the first arrays. */
function sortByCode(
  codes: Uint32Array,
  order: Uint32Array,
  spareCodes: Uint32Array,
  spareOrder: Uint32Array,
): void {
  let [from, fromOrder, to, toOrder] = [codes, order, spareCodes, spareOrder];
  for (let shift = 0; shift < 32; shift += 8) {
    counts.fill(0);
    for (const code of from) counts[(code >>> shift) & 255]!++;
    for (let digit = 0, start = 0; digit < BYTE; digit++) {
      const found = counts[digit]!;
      counts[digit] = start;
      start += found;
    }
    for (let i = 0; i < from.length; i++) {
      const place = counts[(from[i]! >>> shift) & 255]!++;
      to[place] = from[i]!;
      toOrder[place] = fromOrder[i]!;
    }
    [from, fromOrder, to, toOrder] = [to, toOrder, from, fromOrder];
  }
}
