import { setImmediate as nextTurn } from 'node:timers/promises';

import { hasReader, notebookKernel } from '../kernel.ts';
import { show } from '../show.ts';
import { Box } from './box.ts';
import { Output } from './output.ts';
import type { Widget } from './widget.ts';

/** Widgets with a value that changes, by name. */
export type Controls = Readonly<
  Record<string, Widget & { readonly value: unknown; onChange(listener: () => unknown): () => void }>
>;

/** Their values. */
export type Values<C extends Controls> = { readonly [Name in keyof C]: C[Name]['value'] };

/** Controls above what is drawn from their values. */
export class Interaction<C extends Controls> extends Box {
  private readonly controls: C;
  private readonly draw: (values: Values<C>) => unknown;
  private readonly output: Output;
  private readonly unsubscribers: readonly (() => void)[];
  private changed = false;
  private busy = false;
  private drawing: Promise<void> | undefined;

  constructor(controls: C, draw: (values: Values<C>) => unknown) {
    const output = new Output();
    super('VBox', [...Object.values(controls), output]);
    this.controls = controls;
    this.draw = draw;
    this.output = output;
    this.unsubscribers = Object.values(controls).map((control) =>
      control.onChange(() => {
        this.redraw();
      }),
    );
    this.redraw();
  }

  /** Draws again: now, or when the running drawing has ended. */
  redraw(): void {
    this.changed = true;
    // A drawing that moves a control asks for the next one before it has said that it takes its time.
    if (!this.busy) this.drawing = this.drawUntilSettled();
  }

  /** Resolves when the newest values are drawn; rejects where that fails and no reader sees it. */
  async drawn(): Promise<void> {
    await this.drawing;
  }

  override close(): void {
    for (const unsubscribe of this.unsubscribers) unsubscribe();
    this.output.close();
    super.close();
  }

  private async drawUntilSettled(): Promise<void> {
    this.busy = true;
    try {
      while (this.changed) {
        this.changed = false;
        await this.drawOnce();
        // What was printed comes with the next turn. Changes that have arrived meanwhile are heard, too, before the
        // next drawing, and only the newest counts.
        await nextTurn();
        this.output.settle();
      }
    } finally {
      this.busy = false;
    }
  }

  private async drawOnce(): Promise<void> {
    const names = Object.entries(this.controls).map(([name, control]) => [name, control.value]);
    const values = Object.fromEntries(names) as Values<C>;
    const work = async (): Promise<void> => {
      const result = await this.draw(values);
      if (result !== undefined) show(result);
    };
    if (!notebookKernel()?.comms || !hasReader()) {
      await work().catch((error: unknown) => {
        if (!this.changed) throw error; // what failed counts no more: newer values wait
      });
      return;
    }
    this.output.clear(true);
    try {
      await this.output.run(work);
    } catch (error) {
      this.output.fail(error);
    }
  }
}

/**
 * Draws something from the values of controls, and draws it again when they change; while a drawing takes its time,
 * only the newest values wait for it. What `draw` returns, prints and shows appears below the controls.
 *
 * @example
 * interact({ margin: slider({ min: 0, max: 2, step: 0.1 }) }, ({ margin }) => lossFigure(margin));
 */
export function interact<C extends Controls>(
  controls: C,
  draw: (values: Values<C>) => unknown,
): Interaction<C> {
  return new Interaction(controls, draw);
}
