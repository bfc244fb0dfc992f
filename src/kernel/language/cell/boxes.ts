/** Which names of a cell have boxes: what it declares at its top level, and what earlier cells have left. */
import ts from 'typescript';

import { isDeclaredOutside, isEarly, isReference, localsOf, meaningOf } from '../symbols.ts';

export interface BoxesOptions {
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
  /** The declarations that earlier cells left. */
  readonly earlier: ts.SourceFile;
  /** Whether an earlier cell's name was declared with `declare`, and so exists without the notebook. */
  readonly isAmbient: (name: string) => boolean;
}

/** A declaration whose body has its own name, beside the box that is there for all others. */
export type SelfNamed = ts.ClassDeclaration | ts.EnumDeclaration | ts.ModuleDeclaration;

export const isSelfNamed = (node: ts.Node): node is SelfNamed =>
  ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node);

/** Symbols whose declarations stay declarations in a cell's function. */
const DECLARED = ts.SymbolFlags.Class | ts.SymbolFlags.Enum | ts.SymbolFlags.Function;

/** The boxes of one cell, found by symbols: a parameter that is spelled like a name of the notebook has none. */
export class Boxes {
  /** New names that are read where their declaration may not have run; complete once the cell is rewritten. */
  readonly early = new Set<string>();

  private readonly checker: ts.TypeChecker;
  private readonly isAmbient: (name: string) => boolean;
  private readonly locals: ts.SymbolTable;
  private readonly earlier: ts.SymbolTable;
  private readonly known = new Map<ts.Symbol, boolean>();
  /** The class, enum or namespace in whose body we are: its own name is local there. */
  private readonly inside = new Set<ts.Symbol>();

  constructor({ file, checker, earlier, isAmbient }: BoxesOptions) {
    this.checker = checker;
    this.isAmbient = isAmbient;
    this.locals = localsOf(file);
    this.earlier = localsOf(earlier);
  }

  /** Whether a declared name, at the place where it is declared, is that of a box. */
  isDeclaredBy(name: ts.Node): boolean {
    return this.has(this.checker.getSymbolAtLocation(name));
  }

  /** Whether a name that the compiler writes itself, for the metadata of decorators, is that of a box. */
  isWritten(name: string): boolean {
    const key = ts.escapeLeadingUnderscores(name);
    const own = this.locals.get(key);
    // A class or enum of this cell is a local of the function, too, and may not have reached its box yet.
    return own ? this.has(own) && !(own.flags & DECLARED) : this.has(this.earlier.get(key));
  }

  /** Whether a name that stands nowhere in the cell, though its code will use it, is that of a box. */
  isNamed(name: string): boolean {
    const key = ts.escapeLeadingUnderscores(name);
    return this.has(this.locals.get(key) ?? this.earlier.get(key));
  }

  /** The name of the box that an expression is, if it is one. */
  read(node: ts.Node): string | undefined {
    return ts.isIdentifier(node) && isReference(node)
      ? this.readAs(node, this.checker.getSymbolAtLocation(node))
      : undefined;
  }

  /** The same for the `x` of `{ x }`, whose own symbol is the property's. */
  readShorthand(node: ts.ShorthandPropertyAssignment): string | undefined {
    return this.readAs(node.name, this.checker.getShorthandAssignmentValueSymbol(node));
  }

  /** Runs `work` on the body of a declaration, where its own name is local. */
  withinOwn<T>({ name }: SelfNamed, work: () => T): T {
    const symbol = name && this.checker.getSymbolAtLocation(name);
    if (!symbol || this.inside.has(symbol)) return work();
    this.inside.add(symbol);
    try {
      return work();
    } finally {
      this.inside.delete(symbol);
    }
  }

  private readAs(node: ts.Identifier, symbol: ts.Symbol | undefined): string | undefined {
    if (!this.has(symbol)) return undefined;
    // Where an earlier cell has declared the name, too, its value is read until this cell declares it anew.
    if (isEarly(node, symbol) && !this.earlier.has(symbol.escapedName)) this.early.add(node.text);
    return node.text;
  }

  private has(symbol: ts.Symbol | undefined): symbol is ts.Symbol {
    if (!symbol || this.inside.has(symbol)) return false;
    let known = this.known.get(symbol);
    if (known === undefined) this.known.set(symbol, (known = this.decide(symbol)));
    return known;
  }

  private decide(symbol: ts.Symbol): boolean {
    const key = symbol.escapedName;
    if (this.locals.get(key) === symbol) {
      return meaningOf(this.checker, symbol).value && !isDeclaredOutside(symbol);
    }
    return (
      this.earlier.get(key) === symbol &&
      meaningOf(this.checker, symbol).value &&
      !this.isAmbient(ts.unescapeLeadingUnderscores(key))
    );
  }
}
