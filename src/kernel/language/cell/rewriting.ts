/** What the rewriting of one construct needs: each is a function of its node and of this. */
import type ts from 'typescript';

import type { Boxes } from './boxes.ts';
import type { CellFunction } from './cellFunction.ts';

export interface Rewriting {
  readonly boxes: Boxes;
  readonly made: CellFunction;
  /** Rewrites a node with all that it holds. */
  readonly visit: <T extends ts.Node>(node: T) => T;
  /** Rewrites what a node holds, and leaves the node what it is. */
  readonly visitChildren: <T extends ts.Node>(node: T) => T;
  /** What `require` is given for an import: the absolute path of a file of the project. */
  readonly link: (specifier: string) => string;
}
