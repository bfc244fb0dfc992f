// @ts-check

/**
 * Where the set-up says what it does: a line a step, and in a terminal a bar while it lasts.
 *
 * @typedef {object} Report
 * @property {(text: string) => void} line
 * @property {<T>(name: string, work: (update: Update) => Promise<Done<T>>) => Promise<T>} step
 *
 * @typedef {(done: number, total: number | undefined) => void} Update bytes done, and how many there are
 */

/**
 * What a step ends with: its result, and a few words for its line.
 *
 * @template T
 * @typedef {{ value: T, note: string }} Done
 */

const WIDTH = 28;
/** Without a terminal a step that lasts says how far it is this often; milliseconds. */
const SAY_EVERY = 10_000;

/**
 * @param {Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }} stream
 * @returns {Report}
 */
export function reportTo(stream) {
  const terminal = stream.isTTY === true;
  /** @param {string} text */
  const line = (text) => void stream.write(`${text}\n`);
  return {
    line,
    async step(name, work) {
      const began = performance.now();
      const elapsed = () => (performance.now() - began) / 1000;
      /** @type {[done: number, total: number | undefined] | undefined} */
      let state;
      let saidAt = 0;
      const draw = () => {
        const text = `  ${name.padEnd(10)}${state === undefined ? '' : bar(...state, terminal)}`;
        const clock = `${elapsed().toFixed(0)} s`;
        if (terminal) stream.write(`\r\u001b[K${text} ${clock}`);
        else if (performance.now() - saidAt > SAY_EVERY) {
          saidAt = performance.now();
          if (elapsed() > 1) line(`${text} ${clock}`);
        }
      };
      draw();
      const clock = setInterval(draw, terminal ? 200 : 1000);
      try {
        const { value, note } = await work((done, total) => (state = [done, total]));
        if (terminal) stream.write('\r\u001b[K');
        line(`  ${name.padEnd(10)}${note}, ${elapsed().toFixed(1)} s`);
        return value;
      } catch (error) {
        if (terminal) stream.write('\r\u001b[K');
        throw error;
      } finally {
        clearInterval(clock);
      }
    },
  };
}

/** Says nothing. */
export const silent = reportTo({ write: () => true });

/**
 * @param {number} done
 * @param {number | undefined} total
 * @param {boolean} drawn
 */
function bar(done, total, drawn) {
  if (total === undefined || total <= 0) return megabytes(done);
  const part = Math.min(1, done / total);
  const full = Math.round(part * WIDTH);
  const numbers = `${(100 * part).toFixed(0).padStart(3)} % of ${megabytes(total)}`;
  return drawn ? `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${numbers}` : numbers;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
