/** What `npm test` leaves out of test/models because of its size. Run by `npm run test:long`. */
import { test } from 'node:test';

import { loadEngine } from '../../src/engine/index.ts';
import { FULL } from '../models/all.ts';
import { checkFullStep } from '../models/learner.ts';

test('wrn28-10 in full takes a step with a finite gradient for every parameter', async () => {
  await loadEngine();
  checkFullStep(FULL['wrn28-10']!({ imageShape: [32, 32, 3], classes: 10 }));
});
