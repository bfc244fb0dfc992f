/** Widgets in a real JupyterLab: a reader moves, clicks and reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { executable, withoutChromium } from './chromium.ts';
import { Lab, SLOW, type NotebookCell } from './lab.ts';

const CELLS = [
  `import { button, interact, output, progress, slider, vbox } from '#src/notebook/index.ts';
const rest = (ms: number) => new Promise((done) => setTimeout(done, ms));`,
  `const n = slider({ min: 0, max: 10, value: 3, description: 'n' });
const stop = button({ description: 'Stop' });
const log = output();
n.onChange((value) => console.log('heard', value));
vbox(n, stop, log)`,
  `const seen = new Set<number>();
const clicked = stop.clicked().then(() => 'clicked');
for (let step = 0, ended; ended !== 'clicked'; step++) {
  if (step === 0) log.run(() => console.log('begins'));
  seen.add(n.value);
  ended = await Promise.race([clicked, rest(20)]);
}
log.run(() => console.log('ends at', n.value));
[...seen].join(' ')`,
  `for await (const value of n) console.log('loop', value);`,
  `const k = slider({ min: 1, max: 5, description: 'k' });
interact({ k }, ({ k }) => console.log('k is', k))`,
  `const outer = progress([1, 2], { label: 'outer' });
for (const a of outer) {
  for (const b of progress(Array.from({ length: 40 }, (_, i) => i), { label: 'inner' })) {
    outer.note = \`at \${a}\`;
    await rest(25);
  }
}`,
  '`n is ${n.value}`',
].map((source): NotebookCell => ({ type: 'code', source }));

test(
  'a reader steers a running cell in JupyterLab',
  {
    skip: withoutChromium,
    timeout: 5 * SLOW,
  },
  async () => {
    const lab = await Lab.open(executable!, CELLS, { width: 1200, height: 1400 });
    try {
      await steer(lab);
      assert.deepEqual(lab.errors, []);
    } finally {
      await lab.close();
    }
  },
);

async function steer(lab: Lab): Promise<void> {
  const run = async (index: number): Promise<void> => {
    await lab.start(index);
    await lab.finished(index);
  };
  await run(0);

  await run(1);
  const readout = lab.cell(1).locator('.widget-readout');
  await readout.waitFor();
  assert.equal(await readout.innerText(), '3');

  // The cell reads the slider while it runs, and ends when the button is clicked.
  await lab.start(2);
  await lab.says(1, 'begins');
  await drag(lab, 1, 0.8);
  await lab.says(1, 'heard 8');
  await lab.cell(1).getByRole('button', { name: 'Stop' }).click();
  await lab.finished(2);
  await lab.says(2, /3 .*8/);
  await lab.says(1, 'ends at 8');
  const output = lab.cell(1).locator('.jupyter-widgets-output-area, .jp-OutputArea .jp-OutputArea').last();
  assert.match(await output.innerText(), /begins\s+ends at 8/);
  assert.doesNotMatch(await lab.text(2), /begins|ends at/);

  // A loop over the slider's values ends with its cell.
  await lab.start(3);
  await lab.says(3, 'loop 8');
  await drag(lab, 1, 0.5);
  await lab.says(3, 'loop 5');
  await lab.menu('Kernel', /^Interrupt Kernel$/);
  await lab.finished(3);
  const before = (await lab.text(3)).replace(/Interrupted[^]*/, '');
  await drag(lab, 1, 0.2);
  await lab.says(1, 'heard 2');
  assert.equal((await lab.text(3)).replace(/Interrupted[^]*/, ''), before);

  await run(4);
  await lab.says(4, 'k is 1');
  await drag(lab, 4, 0.75);
  await lab.says(4, 'k is 4');
  assert.doesNotMatch(await lab.text(4), /k is 1/);

  // Bars are drawn in place, the inner one below the outer one as long as it runs.
  await lab.start(5);
  await lab.says(5, /outer: 1 of 2 · .*at 1[^]*inner: \d+ of 40/);
  assert.equal(await lab.cell(5).locator('.jp-OutputArea-child').count(), 1);
  await lab.finished(5);
  await lab.says(5, /^\s*outer: 2 of 2[^]*at 2\s*$/);

  // A page that is opened again has the widgets, as they were left, and they still reach the kernel.
  await lab.reopen();
  await readout.waitFor();
  assert.equal(await readout.innerText(), '2');
  await drag(lab, 1, 0.9);
  await run(6);
  await lab.says(6, 'n is 9');
}

/** Drags the handle of a cell's slider to a part of its length. */
async function drag(lab: Lab, index: number, part: number): Promise<void> {
  const slider = lab.cell(index).locator('.widget-slider').first();
  await slider.scrollIntoViewIfNeeded();
  const track = await slider.locator('.noUi-base').boundingBox();
  const handle = await slider.locator('.noUi-handle').boundingBox();
  assert.ok(track && handle);
  const [from, to] = [handle.x + handle.width / 2, track.x + track.width * part];
  const y = handle.y + handle.height / 2;
  const { mouse } = lab.page;
  await mouse.move(from, y);
  await mouse.down();
  for (let step = 1; step <= 8; step++) {
    await mouse.move(from + ((to - from) * step) / 8, y);
    await wait(30);
  }
  await mouse.up();
}
