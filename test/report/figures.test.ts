import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { calibration, confusionCounts } from '../../src/measures/index.ts';
import {
  ablationGrid,
  ARM_COLOURS,
  confusionMatrix,
  distanceHistograms,
  featureProjection,
  forestPlot,
  gradientNormCurves,
  gradientNormsBySetting,
  gridHeatMap,
  panelFigure,
  hasProbes,
  learningCurves,
  predictedPictures,
  pullOfLosses,
  reliabilityDiagram,
  saturationCurves,
  separabilityByStage,
  tapGradientCurves,
  testErrorBySeed,
  worstMistakes,
  type Figure,
} from '../../src/report/index.ts';
import { inDark } from './inDark.ts';
import { sampleStudy, withProbes } from './sample.ts';

const study = sampleStudy({
  ce: [
    { error: 0.35, gradientNorms: [1, 0.1, 0.01] },
    { error: 0.36, gradientNorms: [0.8, 0.3, 0.03] },
  ],
  msl: [
    { error: 0.34, gradientNorms: [1, 0.5, 0.2] },
    { error: 'diverged', gradientNorms: [2, NaN] },
  ],
});
const FIGURES = {
  learningCurves,
  gradientNormCurves,
  separabilityByStage,
  featureProjection,
  testErrorBySeed,
};
type Trace = Record<string, unknown>;
const traces = (figure: Figure): Trace[] => figure.data;
const panelTitles = (figure: Figure) => (figure.layout.annotations ?? []).map(({ text }) => text);
const drawn = (figure: Figure): Trace[] => traces(figure).filter((trace) => trace['name'] !== undefined);

test('figures are what they were: figures.json, written anew by UPDATE_SNAPSHOTS=1', () => {
  const file = new URL('../fixtures/report/figures.json', import.meta.url);
  const actual = JSON.stringify(
    Object.fromEntries(Object.entries(FIGURES).map(([name, figure]) => [name, figure(study)])),
    null,
    1,
  );
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, `${actual}\n`);
  assert.deepEqual(JSON.parse(actual), JSON.parse(readFileSync(file, 'utf8')));
});

test('gradientNormCurves: a line a run and the mean of the finished ones, on a logarithmic axis', () => {
  const figure = gradientNormCurves(study);
  assert.deepEqual(
    drawn(figure).map((trace) => [trace['name'], trace['x'], trace['y']]),
    [
      ['CE', [1, 2, 3], [0.9, 0.2, 0.02]],
      // The diverged run is drawn but not averaged.
      ['CE + MSL', [1, 2, 3], [1, 0.5, 0.2]],
    ],
  );
  assert.equal(traces(figure).length, 4 + 2);
  assert.ok(traces(figure).some((trace) => JSON.stringify(trace['y']) === '[2,null]'));
  assert.equal(figure.layout.yaxis?.type, 'log');
});

test('gradientNormsBySetting: a panel a setting, on one scale', () => {
  const figure = gradientNormsBySetting([
    { label: 'with <b>', study },
    { label: 'without', study: six },
  ]);
  assert.deepEqual(panelTitles(figure), ['<b>with &lt;b&gt;</b>', '<b>without</b>']);
  assert.deepEqual(
    drawn(figure).map((trace) => [trace['name'], trace['yaxis'], trace['showlegend']]),
    [
      ['CE', 'y', true],
      ['CE + MSL', 'y', true],
      ['CE', 'y2', false],
      ['CE + MSL', 'y2', false],
    ],
  );
  assert.deepEqual(figure.layout['yaxis2']?.range, figure.layout.yaxis?.range);
});

test('gradientNormCurves: ticks within the range of the values, however small it is', () => {
  for (const norms of [
    [0.94, 0.7],
    [1, 0.5, 0.009],
  ]) {
    const run = { error: 0.3, gradientNorms: norms };
    const axis = gradientNormCurves(sampleStudy({ ce: [run], msl: [run] })).layout.yaxis;
    const ticks = (axis?.tickvals as number[]).filter(
      (at) => at > Math.min(...norms) * 0.99 && at < Math.max(...norms),
    );
    assert.ok(ticks.length >= 3 && ticks.length <= 9, `${ticks.length} ticks`);
  }
});

test('learningCurves: four panels with validation, two without', () => {
  const figure = learningCurves(study);
  assert.deepEqual(
    drawn(figure)
      .filter((trace) => trace['name'] === 'CE')
      .map((trace) => [trace['yaxis'], trace['y'], trace['showlegend']]),
    [
      ['y', [50, 75, 83.333], true],
      ['y2', [60, 60, 60], false],
      ['y3', [2, 1, 0.66667], false],
      ['y4', [1, 1, 1], false],
    ],
  );
  const without = {
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      epochs: run.epochs.map(({ schemaVersion, epoch, learningRate, train, timing }) => ({
        ...{ schemaVersion, epoch, learningRate, train, timing },
      })),
    })),
  };
  assert.deepEqual([...new Set(traces(learningCurves(without)).map((trace) => trace['yaxis']))], ['y', 'y2']);
});

test('separabilityByStage: means at each tap, arms beside each other', () => {
  const [ceKnn, mslKnn, ceRatio] = drawn(separabilityByStage(study));
  assert.deepEqual(
    [ceKnn?.['x'], ceKnn?.['y']],
    [
      [-0.06, 0.94],
      [50, 62.5],
    ],
  );
  assert.deepEqual(mslKnn?.['x'], [0.06, 1.06]);
  assert.deepEqual(ceRatio?.['y'], [0.25, 1.5]);
});

test('separabilityByStage: many arms stand nearer to their own tap than to the next', () => {
  const arms = Array.from({ length: 14 }, (_, i) => ({ name: `arm${i}`, title: `arm ${i}` }));
  const runs = arms.flatMap(({ name }) => study.runs.slice(0, 1).map((run) => ({ ...run, arm: name })));
  const places = drawn(separabilityByStage({ ...study, arms, runs })).map((trace) => trace['x'] as number[]);
  assert.equal(places.length, 2 * 14);
  for (const [first, second] of places) {
    assert.ok(Math.abs(first!) < 0.4 && Math.abs(second! - 1) < 0.4, `${first!}, ${second!}`);
  }
  assert.equal(new Set(places.map(([first]) => first)).size, 14);
});

test('testErrorBySeed: dots of a seed are joined, a diverged run has none', () => {
  const figure = testErrorBySeed(study);
  assert.deepEqual(
    drawn(figure).map((trace) => [trace['name'], trace['x']]),
    [
      ['CE', [35, 36]],
      ['CE + MSL', [34, null]],
    ],
  );
  assert.deepEqual(
    traces(figure)
      .filter((trace) => trace['mode'] === 'lines')
      .map((trace) => trace['x']),
    [[35, 34], [36]],
  );
});

test('featureProjection: a panel an arm, a trace a class, each class once in the legend', () => {
  const figure = featureProjection(study);
  assert.deepEqual(
    traces(figure).map((trace) => [
      trace['name'],
      trace['xaxis'],
      trace['showlegend'],
      trace['x'],
      trace['y'],
    ]),
    [
      ['cat', 'x', true, [1], [2]],
      ['dog', 'x', true, [-1.235, 0], [0, -2]],
      ['cat', 'x2', false, [1], [2]],
      ['dog', 'x2', false, [-1.235, 0], [0, -2]],
    ],
  );
  assert.equal(figure.layout.xaxis?.title?.text, '1st principal axis (50 % of variance)');
  assert.equal(figure.layout['yaxis2']?.title?.text, '2nd principal axis (25 % of variance)');
});

test('an arm has one colour in all figures', () => {
  const colour = (trace: Trace): unknown =>
    ((trace['mode'] === 'lines' ? trace['line'] : trace['marker']) as { color: unknown }).color;
  for (const figure of [learningCurves, gradientNormCurves, separabilityByStage, testErrorBySeed]) {
    for (const trace of drawn(figure(study))) {
      assert.equal(colour(trace), ARM_COLOURS[trace['name'] === 'CE' ? 0 : 1]);
    }
  }
});

test('panels fit into the figure, do not overlap, and stand below each other on a narrow page', () => {
  type Axis = { domain: [number, number] } | undefined;
  for (const [name, figure] of Object.entries(FIGURES)) {
    const { layout, narrowLayout } = figure(study);
    for (const [kind, candidate] of Object.entries({ layout, narrowLayout })) {
      const axes = candidate as unknown as Record<string, Axis>;
      const boxes = ['', '2', '3', '4'].flatMap((i) => {
        const [x, y] = [axes[`xaxis${i}`], axes[`yaxis${i}`]];
        return x === undefined || y === undefined ? [] : [{ x: x.domain, y: y.domain }];
      });
      for (const [at, a] of boxes.entries()) {
        for (const limit of [...a.x, ...a.y]) assert.ok(limit >= 0 && limit <= 1, `${name} ${kind}`);
        assert.ok(a.x[0] < a.x[1] && a.y[0] < a.y[1], `${name} ${kind}`);
        for (const b of boxes.slice(at + 1)) {
          assert.ok(b.x[0] > a.x[1] || b.y[1] < a.y[0], `${name} ${kind}: panels overlap`);
        }
      }
      if (kind === 'narrowLayout') assert.ok(boxes.every((box) => box.x[0] === 0 && box.x[1] === 1));
    }
  }
});

test('inDark: every colour has a partner, and the light figure stays', () => {
  // Colours that are read on both grounds, and the white of writing on colours.
  const both = new Set(['#DDAA33', '#88CCEE']);
  const has = (colour: string) => {
    const marked = { data: [{ marker: { color: colour } }], layout: {} } as unknown as Figure;
    return JSON.stringify(inDark(marked).data) !== JSON.stringify(marked.data);
  };
  for (const [name, figure] of Object.entries(FIGURES)) {
    const light = figure(study);
    const before = JSON.stringify(light);
    for (const colour of before.match(/#[0-9a-fA-F]{6}/g) ?? [])
      assert.ok(both.has(colour) || has(colour), `${name}: ${colour}`);
    const dark = inDark(light);
    assert.equal(JSON.stringify(light), before);
    assert.equal(dark.layout.paper_bgcolor, '#16181c');
    assert.equal(dark.layout.font?.color, '#e6e6e6');
    assert.doesNotMatch(JSON.stringify(dark), /#222222|#0072B2|rgba\(0,114,178/);
  }
  assert.match(JSON.stringify(inDark(learningCurves(study))), /rgba\(90,169,230,0\.5\)/);
});

test('a figure carries its description for who gets its layout alone', () => {
  for (const figure of Object.values(FIGURES)) {
    const { description, layout, narrowLayout } = figure(study);
    assert.deepEqual([layout.meta, narrowLayout.meta], [{ alt: description }, { alt: description }]);
  }
});

test('a title that is wider than its panel has more lines, and the panels the room for them', () => {
  const figure = (title: string) =>
    panelFigure(
      [],
      [title, 'short'].map((one) => ({ title: one, x: { title: 'x' }, y: { title: 'y' } })),
      'two panels',
      { columns: 2 },
    );
  const titles = ({ annotations }: Figure['layout']) => annotations!.map(({ text }) => text);
  const [one, two] = [
    figure('a < b'),
    figure('the share of all images of a class that are < 0.1 of the others'),
  ];
  assert.deepEqual(titles(one.layout), ['<b>a &lt; b</b>', '<b>short</b>']);
  assert.match(titles(two.layout)[0]!, /^<b>the share of [^<]+<br>[^<]*&lt; 0\.1 of the others<\/b>$/);
  assert.equal(
    titles(two.layout)[0]!.replaceAll('<br>', ' '),
    titles(two.narrowLayout)[0]!.replaceAll('<br>', ' '),
  );
  const lines = (layout: Figure['layout']) => titles(layout)[0]!.split('<br>').length - 1;
  // A row of panels on a wide page, two on a narrow one.
  for (const [kind, rows] of [
    ['layout', 1],
    ['narrowLayout', 2],
  ] as const) {
    assert.equal(two[kind].height! - one[kind].height!, 17 * rows * lines(two[kind]));
    assert.equal(two[kind].margin!.t! - one[kind].margin!.t!, 17 * lines(two[kind]));
  }
  const axes = (layout: Figure['layout']) =>
    layout.yaxis!.domain!.map((end) => end * (layout.height! - layout.margin!.t! - 52));
  assert.ok(Math.abs(axes(two.narrowLayout)[1]! - axes(two.narrowLayout)[0]! - 260) < 0.5);
});

test('a forest plot shows the baseline as it is called', () => {
  const { layout } = forestPlot(
    sampleStudy({ ce: [{ error: 0.3 }], msl: [{ error: 0.2 }], titles: ['A & B', 'C'] }),
  );
  assert.equal(layout.annotations![0]!.text, '<b>Test error against A &amp; B</b>');
});

test('names cannot be markup in a figure', () => {
  const evil = sampleStudy({
    ce: [{ error: 0.3 }],
    msl: [{ error: 0.3 }],
    titles: ['<b>CE</b>', 'a & <a href="javascript:1">b</a>'],
    classes: ['<i>cat</i>', 'dog'],
  });
  for (const figure of Object.values(FIGURES)) {
    const text = JSON.stringify(figure(evil));
    assert.doesNotMatch(text, /<(i|a|b>CE)/);
  }
  assert.match(JSON.stringify(testErrorBySeed(evil)), /&lt;b&gt;CE&lt;\/b&gt;/);
});

/** Six seeds, so that there are bands and intervals; probes in every epoch; a grid of two settings. */
const six = (() => {
  const runs = [0.3, 0.32, 0.31, 0.33, 0.3, 0.31].map((error) => ({ error }));
  const better = [0.29, 0.3, 0.3, 0.32, 0.29, 0.32].map((error) => ({ error }));
  return { ...withProbes(sampleStudy({ ce: runs, msl: better })), primary: 'msl' };
})();

const gridStudy = (() => {
  const base = sampleStudy({ ce: [{ error: 0.3 }], msl: [{ error: 0.3 }] });
  const [ce, msl] = [base.runs.find(({ arm }) => arm === 'ce')!, base.runs.find(({ arm }) => arm === 'msl')!];
  const cells = [0.1, 0.3].flatMap((weight) => [0.5, 1].map((margin) => ({ weight, margin })));
  const arms = cells.map(({ weight, margin }) => ({
    name: `w${weight}-m${margin}`,
    title: `${weight}, ${margin}`,
  }));
  return {
    ...base,
    arms: [base.arms[0]!, ...arms],
    runs: [
      ce,
      ...cells.map((cell, i) => ({
        ...msl,
        arm: arms[i]!.name,
        spec: { ...(msl.spec as object), loss: { msl: cell } },
        summary: { ...msl.summary, test: { ...msl.summary.test, error: 0.3 + 0.01 * (i - 1) } },
      })),
    ],
  };
})();

const distribution = (...histogram: number[]) => ({ pairs: 10, mean: 0.5, quantiles: [], histogram });
const MORE = {
  bands: () => learningCurves(six),
  forestPlot: () => forestPlot(six),
  saturationCurves: () => saturationCurves(six),
  tapGradientCurves: () => tapGradientCurves(six),
  pullOfLosses: () => pullOfLosses(six)!,
  gridHeatMap: () => gridHeatMap(ablationGrid(gridStudy)!),
  confusionMatrix: () =>
    confusionMatrix({ classes: ['cat', '<b>dog'], counts: confusionCounts([0, 0, 0, 1], [0, 0, 1, 1], 2) }),
  distanceHistograms: () =>
    distanceHistograms({
      stage1: {
        exact: true,
        edges: [0, 1, 2],
        probabilities: [],
        same: distribution(8, 2),
        different: distribution(3, 7),
        separation: 0.75,
      },
    }),
  reliabilityDiagram: () =>
    // Confidences 0.6 (right), 0.6 (wrong), 0.98 (right).
    reliabilityDiagram(
      calibration({
        probabilities: Float64Array.of(0.6, 0.4, 0.4, 0.6, 0.02, 0.98),
        labels: [0, 0, 1],
        classes: 2,
        bins: 5,
      }),
    ),
  worstMistakes: () =>
    worstMistakes([
      { image: 'data:image/png;base64,AA==', label: 'cat', predicted: '<b>dog', probability: 0.987 },
    ]),
  predictedPictures: () =>
    predictedPictures([
      {
        image: 'data:image/png;base64,AA==',
        classes: [
          { name: '<b>dog', probability: 0.987 },
          { name: 'cat', probability: 0.013 },
        ],
      },
    ]),
};

test('more figures are what they were: moreFigures.json, written anew by UPDATE_SNAPSHOTS=1', () => {
  const file = new URL('../fixtures/report/moreFigures.json', import.meta.url);
  const figures = Object.fromEntries(Object.entries(MORE).map(([name, figure]) => [name, figure()]));
  const actual = JSON.stringify(figures, null, 1);
  if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, `${actual}\n`);
  assert.deepEqual(JSON.parse(actual), JSON.parse(readFileSync(file, 'utf8')));
  for (const [name, { description, layout, narrowLayout }] of Object.entries(figures)) {
    assert.deepEqual([layout.meta, narrowLayout.meta], [{ alt: description }, { alt: description }], name);
    for (const shown of [layout, narrowLayout]) {
      assert.doesNotMatch(JSON.stringify({ ...shown, meta: null }), /<b>dog/, name);
    }
  }
});

test('learningCurves: from six seeds on a band of mean ± standard deviation, and no line a run', () => {
  const lines = traces(learningCurves(six)).filter((trace) => trace['yaxis'] === 'y');
  // Two edges and a mean for each arm.
  assert.equal(lines.length, 6);
  assert.equal(lines[1]!['fill'], 'tonexty');
  // All runs are alike, so the band has no height.
  assert.deepEqual(lines[0]!['y'], lines[2]!['y']);
});

test('forestPlot: mean, interval and seeds by hand', () => {
  const [seeds, mean] = traces(forestPlot(six)) as [Trace, Trace & { error_x: { array: number[] } }];
  assert.deepEqual(seeds['x'], [-1, -2, -1, -1, -1, 1]);
  // Mean -5/6; sd sqrt(29/30) = 0.9832; t(0.975, 5) = 2.5706: 1.0318.
  assert.deepEqual(mean['x'], [-0.8333]);
  assert.deepEqual(mean.error_x.array, [1.0318]);
  assert.equal(mean['name'], 'mean, primary');
  const few = traces(forestPlot(study))[1] as Trace & { error_x: { array: number[] } };
  assert.ok(few.error_x.array.every(Number.isNaN), 'no interval below six seeds');
  assert.equal(few['name'], 'mean, exploratory');
});

test('forestPlot: on a narrow page long names stand in two lines, and the legend has a line an entry', () => {
  const named = forestPlot({
    ...study,
    arms: [study.arms[0]!, { name: 'msl', title: 'CE + the <mixture> separability' }],
  });
  assert.deepEqual(named.layout.yaxis?.ticktext, ['CE + the &lt;mixture&gt; separability']);
  assert.deepEqual(named.narrowLayout.yaxis?.ticktext, ['CE + the &lt;mixture&gt;<br>separability']);
  assert.deepEqual(forestPlot(study).narrowLayout.yaxis?.ticktext, ['CE + MSL']);
  // Two entries of 20 pixels each, above the title.
  assert.equal(named.narrowLayout.margin?.t, 2 * 20 + 34 + 12);
});

test('saturationCurves: the share below each threshold, from the largest, and the margin with its quantiles', () => {
  const figure = saturationCurves(six);
  assert.deepEqual(panelTitles(figure), [
    '<b>Samples with a gradient below 0.1</b>',
    '<b>Samples with a gradient below 0.01</b>',
    '<b>Logit margin</b>',
  ]);
  const lines = drawn(figure).map((trace) => [
    trace['name'],
    trace['yaxis'],
    trace['y'],
    trace['showlegend'],
  ]);
  const of = (name: string) => lines.filter(([own]) => own === name).map(([, ...rest]) => rest);
  assert.deepEqual(of('CE'), [
    ['y', [50, 50], true],
    ['y2', [25, 25], false],
    ['y3', [1, 2], false],
  ]);
  assert.deepEqual(of('CE + MSL: lowest and highest 5 %'), [
    ['y3', [-1, -1], true],
    ['y3', [3, 6], false],
  ]);
  assert.equal(hasProbes(study), false);
  assert.equal(hasProbes(six), true);
});

test('saturationCurves: epochs without a probe are no gap; from six runs on a band, above 0', () => {
  const even = {
    ...six,
    runs: six.runs.map((run) => ({
      ...run,
      // The last epoch twice more: the one between them was not probed.
      epochs: [run.epochs[0]!, { ...run.epochs[1]!, probes: undefined }, { ...run.epochs[1]!, epoch: 3 }].map(
        ({ probes, ...epoch }) => ({ ...epoch, ...(probes === undefined ? {} : { probes }) }),
      ),
    })),
  };
  assert.deepEqual(drawn(saturationCurves(even))[0]?.['x'], [1, 3]);
  assert.deepEqual(drawn(tapGradientCurves(even))[0]?.['x'], [1, 3]);
  // Runs that were probed in other epochs: each mean is of one epoch.
  const probed = (run: (typeof six.runs)[number], epochs: readonly number[]) => ({
    ...run,
    epochs: [1, 2, 3, 4].map((epoch) => {
      const { probes, ...other } = { ...run.epochs[0]!, epoch };
      return epochs.includes(epoch) ? { ...other, probes: { ...probes!, margins: { '0.5': epoch } } } : other;
    }),
  });
  const apart = {
    ...six,
    runs: six.runs.map((run) => probed(run, run.seed % 2 === 0 ? [2, 4] : [1, 3])),
  };
  const mean = drawn(saturationCurves(apart)).find(({ yaxis }) => yaxis === 'y3');
  const each = [1, 2, 3, 4];
  assert.deepEqual([mean!['x'], mean!['y']], [each, each]);
  const spread = [1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1].map((norm) => ({ error: 0.3, gradientNorms: [1, norm] }));
  const lower = traces(gradientNormCurves(sampleStudy({ ce: spread, msl: [] })))[0]!;
  assert.deepEqual(lower['y'], [1, 0.001]);
});

test('tapGradientCurves: the whole of each arm, and the parts where there are several, on one scale', () => {
  const figure = tapGradientCurves(six);
  assert.deepEqual(panelTitles(figure), ['<b>Gradient at stage1</b>', '<b>Gradient at logits</b>']);
  assert.deepEqual(
    drawn(figure)
      .filter((trace) => trace['yaxis'] === 'y')
      .map((trace) => [trace['name'], trace['y'], trace['showlegend']]),
    [
      ['CE', [0.2, 0.1], true],
      ['CE + MSL', [0.2, 0.1], true],
      ['CE + MSL: cross-entropy', [0.1, 0.05], true],
      ['CE + MSL: MSL', [0.01, 0.01], true],
    ],
  );
  assert.ok(
    !drawn(figure).some((trace) => trace['yaxis'] === 'y2' && trace['name'] === 'CE + MSL: MSL'),
    'nothing of MSL reaches the logits',
  );
  assert.deepEqual(figure.layout['yaxis2']?.range, figure.layout.yaxis?.range);
});

test('pullOfLosses: the cosine, and the share of each layer by epoch, the first layer on top', () => {
  const figure = pullOfLosses(six)!;
  assert.deepEqual(panelTitles(figure), [
    '<b>Cosine with cross-entropy</b>',
    '<b>CE + MSL: share of MSL (%)</b>',
  ]);
  const [line] = drawn(figure);
  assert.deepEqual([line?.['name'], line?.['y']], ['CE + MSL', [0.1, 0.2]]);
  const map = traces(figure).at(-1)!;
  assert.deepEqual(
    [map['x'], map['y'], map['z']],
    [
      [1, 2],
      ['stage1/conv1', 'dense'],
      [
        [25, 50],
        [0, 0],
      ],
    ],
  );
  assert.equal(figure.layout['yaxis2']?.autorange, 'reversed');
  assert.equal(pullOfLosses(study), undefined);
});

test('ablationGrid: two settings that differ, by their values; none for other studies', () => {
  assert.deepEqual(ablationGrid(gridStudy), {
    x: 'loss.msl.weight',
    y: 'loss.msl.margin',
    xValues: ['0.1', '0.3'],
    yValues: ['0.5', '1'],
    differences: [
      [-0.01, 0.01],
      [0, 0.02],
    ],
  });
  // An arm without a run is at no place of it.
  const arms = [...gridStudy.arms, { name: 'later', title: 'later' }];
  assert.deepEqual(ablationGrid({ ...gridStudy, arms }), ablationGrid(gridStudy));
  assert.equal(ablationGrid(study), undefined);
  // Some seeds of an arm are still to come: no setting, neither a third one nor, where only one differs, a second.
  const last = gridStudy.runs.at(-1)!;
  const again = { ...last, seed: 99, spec: { ...(last.spec as object), seed: 99 } };
  const incomplete = { ...gridStudy, runs: [...gridStudy.runs, again] };
  assert.deepEqual(ablationGrid(incomplete), ablationGrid(gridStudy));
});

test('confusionMatrix: shares of the true class; an empty class has none', () => {
  const counts = confusionCounts([0, 0, 0, 1], [0, 0, 1, 1], 3);
  assert.deepEqual(traces(confusionMatrix({ classes: ['a', 'b', 'c'], counts }))[0]!['z'], [
    [66.7, 33.3, 0],
    [0, 100, 0],
    [null, null, null],
  ]);
});
