import { Control, describedState, type ControlOptions } from './control.ts';

export interface SliderOptions extends ControlOptions {
  readonly min: number;
  readonly max: number;
  /** Default 1 where all numbers are whole, a hundredth of the range otherwise; with `log` in decades, default 0.1. */
  readonly step?: number;
  /** Default `min`. */
  readonly value?: number;
  /** Whether equal distances are equal factors, as suits learning rates; `min` has to be above 0. */
  readonly log?: boolean;
  /** Whether it changes while it is moved, or only when it is let go; default true. */
  readonly continuous?: boolean;
  /** How the number beside it is written, as by d3-format, e.g. `.3f`. */
  readonly format?: string;
}

/** A number that the reader chooses by moving a handle. */
export class Slider extends Control<number> {
  readonly min: number;
  readonly max: number;

  constructor(options: SliderOptions) {
    const { min, max, value = min, log = false, continuous = true } = options;
    if (!(min < max)) throw new RangeError(`slider: min is ${min}, which is not below max, ${max}`);
    if (log && !(min > 0)) throw new RangeError(`slider: with log, min has to be above 0, and is ${min}`);
    const whole = !log && [min, max, value, options.step ?? 1].every(Number.isInteger);
    const step = options.step ?? (log ? 0.1 : whole ? 1 : (max - min) / 100);
    const digits = Math.min(10, Math.max(2, Math.ceil(-Math.log10(step) - 1e-9)));
    const state = {
      ...describedState({ disabled: false, ...options }, 'SliderStyle'),
      ...(log ? { base: 10, min: Math.log10(min), max: Math.log10(max) } : { min, max }),
      step,
      continuous_update: continuous,
      orientation: 'horizontal',
      readout: true,
      readout_format: options.format ?? (log ? '.3g' : whole ? 'd' : `.${digits}f`),
      behavior: 'drag-tap',
    };
    const name = log ? 'FloatLogSlider' : whole ? 'IntSlider' : 'FloatSlider';
    // The front end's rounding may leave the range by a little.
    const decode = (wire: unknown): number | undefined =>
      typeof wire === 'number' && Number.isFinite(wire) ? Math.min(max, Math.max(min, wire)) : undefined;
    super(
      { module: '@jupyter-widgets/controls', name },
      state,
      value,
      { property: 'value', encode: (number) => number, decode },
      options,
    );
    this.min = min;
    this.max = max;
    this.check(value);
  }

  override toString(): string {
    return `${this.titled('slider')}: ${this.value} (${this.min} to ${this.max})`;
  }

  protected override check(value: number): void {
    if (!(value >= this.min && value <= this.max)) {
      throw new RangeError(`${this.titled('slider')}: ${value} is not between ${this.min} and ${this.max}`);
    }
  }
}

/** A slider; of whole numbers where `min`, `max`, `step` and `value` are. */
export function slider(options: SliderOptions): Slider {
  return new Slider(options);
}
