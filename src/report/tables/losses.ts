/** The losses of layers as tables. */
import { optionsOf, type LayerLoss, type OptionDescription } from '../../losses/index.ts';
import type { Column, Table } from './table.ts';

/** Several losses, one a row. */
export function lossesTable(losses: readonly LayerLoss[]): Table {
  return {
    title: 'Losses of layers',
    note:
      'Parts are recorded as LOSS/TAP/PART. State is what a loss keeps from step to step: trained by the optimizer, or updated ' +
      'by a rule of its own.',
    rowHeader: 'loss',
    rows: losses.map(({ name }) => name),
    columns: [
      text('parts', 13, losses.map(({ parts }) => parts.join(', '))),
      text('options', 30, losses.map((loss) => optionsText(loss))),
      text('state', 8, losses.map(stateText)),
      text('source', 44, losses.map(({ source }) => source)),
    ],
  }; // prettier-ignore
}

/** The options of one loss. */
export function lossOptionsTable(loss: LayerLoss): Table {
  const options = optionsOf(loss);
  return {
    title: 'Options',
    note: 'Beside them every loss has weight, taps, side, pooling and schedule.',
    rowHeader: 'option',
    rows: options.map(([name]) => name),
    columns: [
      text('default', 20, options.map(([, option]) => defaultText(option))),
      text('allowed', 24, options.map(([, option]) => allowedText(option))),
      text('what', 48, options.map(([, { about }]) => about)),
    ],
  }; // prettier-ignore
}

function text(name: string, textWidth: number, values: readonly (string | null)[]): Column {
  return { name, values, textWidth, format: String };
}

function optionsText(loss: LayerLoss): string | null {
  const options = optionsOf(loss).map(([name, option]) => `${name}=${defaultText(option)}`);
  return options.length === 0 ? null : options.join(', ');
}

function stateText({ state }: LayerLoss): string | null {
  if (state === undefined) return null;
  const words = [state.trained && 'trained', state.update && 'updated'];
  return words.filter((word) => word !== undefined).join(', ');
}

/** Small numbers as they are written in code: `1e-6`. */
function defaultText({ default: value }: OptionDescription): string {
  return typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential()
    : String(value);
}

/** `> 0`, `0 to 1`, or the words. */
function allowedText(option: OptionDescription): string {
  if ('choices' in option) return option.choices.join(', ');
  if (typeof option.default === 'boolean') return 'true, false';
  const { above, least, most } = option;
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  const bounds = [above === undefined ? [] : `> ${above}`, least === undefined ? [] : `>= ${least}`];
  return [...bounds.flat(), ...(most === undefined ? [] : [`<= ${most}`])].join(', ');
}
