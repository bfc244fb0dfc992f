/** Widgets: what a reader of a notebook can move, choose and press. */
export { Box, hbox, vbox } from './box.ts';
export { Button, button, type ButtonOptions } from './button.ts';
export { Control, type ControlOptions } from './control.ts';
export {
  Checkbox,
  checkbox,
  Dropdown,
  dropdown,
  Html,
  html,
  Label,
  label,
  Meter,
  meter,
  Text,
  text,
  type CheckboxOptions,
  type DropdownOptions,
  type MeterOptions,
  type TextOptions,
} from './controls.ts';
export { interact, Interaction, type Controls, type Values } from './interact.ts';
export { Output, output } from './output.ts';
export { Slider, slider, type SliderOptions } from './slider.ts';
export { Widget, type Layout, type WidgetOptions } from './widget.ts';
