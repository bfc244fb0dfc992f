/** Losses on points of the plane: what they pull and push, as arrows. */
export { planeFigure, type PlaneOptions, type PlanePanel } from './figure.ts';
export { descend, forceField, forcesOnPoints, type Force, type PlaneLoss } from './forces.ts';
export { gridPlaces, onCircle, scattered, type PlanePoints, type Vector } from './points.ts';
