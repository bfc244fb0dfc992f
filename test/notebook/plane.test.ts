/** Forces of losses on points of the plane, by hand. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import {
  descend,
  forceField,
  forcesOnPoints,
  gridPlaces,
  linesFigure,
  onCircle,
  planeFigure,
  scattered,
  type PlaneLoss,
  type PlanePoints,
} from '../../src/notebook/index.ts';
import { assertClose, engineUnderTest, withoutLeak } from '../support/engine.ts';

before(engineUnderTest);

/** Half the squared distance from the origin, class 1 counted twice: the force is `-x`, or `-2 x`. */
const spring: PlaneLoss = (points, labels) =>
  tf.sum(tf.mul(tf.add(1, tf.cast(labels, 'float32')), tf.div(tf.sum(tf.square(points), 1), 2)));

const set: PlanePoints = {
  points: [
    [1, 2],
    [-3, 0.5],
  ],
  labels: [0, 1],
};

describe('forces', () => {
  test('on points: minus the gradient', () => {
    const forces = withoutLeak(() => forcesOnPoints(spring, set));
    assert.deepEqual(
      forces.map(({ at }) => at),
      set.points,
    );
    assertClose(
      forces.flatMap(({ force }) => [...force]),
      [-1, -2, 6, -1],
      { absolute: 1e-6 },
    );
  });

  test('on one more point of a class', () => {
    const places = gridPlaces({ reach: 1, side: 2 });
    assert.deepEqual(places, [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ]);
    const field = (label: number) => withoutLeak(() => forceField(spring, set, { label, places }));
    for (const [label, factor] of [
      [0, -1],
      [1, -2],
    ] as const) {
      assertClose(
        field(label).flatMap(({ force }) => [...force]),
        places.flat().map((x) => factor * x),
        { absolute: 1e-6 },
      );
    }
  });

  test('a way of gradient descent: x (1 - rate)^n', () => {
    const path = withoutLeak(() => descend(spring, { ...set, labels: [0, 0] }, { steps: 3, rate: 0.5 }));
    assert.equal(path.length, 4);
    assert.deepEqual(path[0], set.points);
    assertClose(path.at(-1)!.flat(), [0.125, 0.25, -0.375, 0.0625], { absolute: 1e-6 });
  });
});

describe('points', () => {
  test('on the circle, one class behind the other', () => {
    const { points, labels } = onCircle([[0, 90], [180]]);
    assert.deepEqual(labels, [0, 0, 1]);
    assertClose(points.flat(), [1, 0, 0, 1, -1, 0], { absolute: 1e-12 });
  });

  test('scattered: a function of the seed, around their centers', () => {
    const options = {
      centers: [
        [5, 0],
        [-5, 0],
      ] as const,
      ...{ each: 20, deviation: 0.1, seed: 1 },
    };
    assert.deepEqual(scattered(options), scattered(options));
    assert.notDeepEqual(scattered(options), scattered({ ...options, seed: 2 }));
    const { points, labels } = scattered(options);
    for (const [i, [x]] of points.entries()) assert.ok(Math.abs(x - (labels[i] === 0 ? 5 : -5)) < 1);
  });
});

describe('figures', () => {
  test('an arrow for each force, the strong ones as long as each other, none for no force', () => {
    const forces = [
      { at: [0, 0], force: [0, 0] },
      { at: [1, 0], force: [0, 2] },
      { at: [0, 1], force: [1, 0] },
    ] as const;
    const { data, description, layout } = planeFigure([{ title: 'A', set, forces }], {
      ...{ description: 'Arrows.', longest: 0.5, circle: false },
    });
    const [arrows, first, second] = data as { x: (number | null)[]; y: (number | null)[]; name?: string }[];
    assert.deepEqual(arrows!.x, [1, 1, null, 0, 0.25, null]);
    assert.deepEqual(arrows!.y, [0, 0.5, null, 1, 1, null]);
    assert.deepEqual([first!.name, second!.name, second!.x], ['class A', 'class B', [-3]]);
    assert.equal(description, 'Arrows.');
    assert.deepEqual(layout.yaxis?.scaleanchor, 'x');
    // Titles stand at the left of a panel's place, however wide the panel is drawn.
    assert.equal(layout.xaxis?.constraintoward, 'left');
    assert.equal(layout.annotations?.[0]?.xanchor, 'left');
  });

  test('lines of one name look the same in every panel', () => {
    const axis = { title: 'a' };
    const { data } = linesFigure(
      [
        { title: '1', x: axis, y: axis, lines: { p: [1], q: [2, 3] } },
        { title: '2', x: axis, y: axis, lines: { q: [4] } },
      ],
      { description: 'Lines.', first: 1 },
    );
    const traces = data as { name: string; x: number[]; y: number[]; showlegend: boolean; line: object }[];
    assert.deepEqual(
      traces.map(({ name, x, y, showlegend }) => [name, x, y, showlegend]),
      [
        ['p', [1], [1], true],
        ['q', [1, 2], [2, 3], true],
        ['q', [1], [4], false],
      ],
    );
    assert.deepEqual(traces[1]!.line, traces[2]!.line);
  });
});
