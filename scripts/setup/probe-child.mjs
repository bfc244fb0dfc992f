// Loads the addon as the engine does, multiplies two matrices and prints what came of it as one line of JSON.
// A process of its own: a library that does not fit the machine ends the process rather than throwing.
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';

// tfjs-node 4.22 calls two functions of which Node 22 warns, and one of which Node 23 removed.
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;

const [, , binding, addon] = process.argv;
const require = createRequire(import.meta.url);
const quiet = require(path.join(addon, 'quiet.node'));
quiet.mute();
let tf;
try {
  tf = require(binding);
} catch (error) {
  process.stderr.write(quiet.restore());
  throw error;
}
quiet.restore();
const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
console.log(
  JSON.stringify({
    backend: tf.getBackend(),
    product: Array.from(product.dataSync()),
    version: tf.backend().binding.TF_Version,
    gpu: tf.backend().isUsingGpuDevice,
  }),
);
