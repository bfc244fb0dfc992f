// @ts-check
import { providePlotly } from '../lab/jupyter.mjs';
import { WrongUse, removeGpuBuild, setup } from './index.mjs';
import { isCheckout } from './packages.mjs';

/**
 * `npm run setup` and `msl setup`: sets up the engine and says on standard error what is ready.
 *
 * @param {{ root: string, gpu?: boolean, cpu?: boolean }} options `gpu`: the CUDA build; `cpu`: the one for the CPU,
 * and the CUDA build is removed; default: CUDA where it is there already
 * @throws {WrongUse} for both at once, and as {@link setup}
 */
export async function runSetup({ root, gpu = false, cpu = false }) {
  if (gpu && cpu) throw new WrongUse('--gpu and --cpu cannot both be had.');
  if (cpu) removeGpuBuild({ root });
  // Figures of notebooks; in a checkout `npm run lab` does that.
  if (!isCheckout(root)) providePlotly(root);
  const { engine, tensorflow, folder, built, seconds } = await setup({
    root,
    ...(gpu || cpu ? { variant: gpu ? 'gpu' : 'cpu' } : {}),
  });
  if (engine !== 'tensorflow') console.error(`The engine is ${engine}.`);
  else if (!built) {
    console.error(`TensorFlow ${tensorflow} is ready in ${folder} (looked at in ${seconds.toFixed(2)} s).`);
  }
}
