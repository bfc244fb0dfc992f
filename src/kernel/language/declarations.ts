/**
 * The declarations that earlier cells left. tslab decides what a cell's declarations leave of the earlier ones,
 * but forgets namespaces and `import x = …`, and cannot keep a part of a cell that failed halfway; so each name's
 * declaration is kept on its own here.
 */
import ts from 'typescript';

interface Meaning {
  readonly value: boolean;
  readonly type: boolean;
}

interface Declaration extends Meaning {
  /** Empty for what declares no name of the cell: `declare global`, imports for their effect. */
  readonly name: string;
  readonly text: string;
  /** Whether it was declared with `declare` in the cell. */
  readonly ambient: boolean;
}

/** A declaration file, one declaration a name. `meanings` of its names are the compiler's. */
function split(
  text: string,
  meanings: ReadonlyMap<string, Meaning>,
  ambient: ReadonlySet<string>,
): Declaration[] {
  const file = ts.createSourceFile('cell.d.ts', text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const found: Declaration[] = [];
  const add = (name: string, declaration: string) => {
    const { value, type } = meanings.get(name) ?? { value: true, type: true };
    found.push({ name, text: declaration.trim(), value, type, ambient: ambient.has(name) });
  };
  const whole = (node: ts.Node) => text.slice(node.getFullStart(), node.end);
  const part = (node: ts.Node) => text.slice(node.getStart(file), node.end);
  for (const node of file.statements) {
    if (ts.isVariableStatement(node)) {
      const { declarationList: list } = node;
      const [first] = list.declarations;
      const head = text.slice(node.getFullStart(), first!.getStart(file));
      for (const declaration of list.declarations)
        add(part(declaration.name), `${head}${part(declaration)};`);
    } else if (ts.isImportDeclaration(node) && node.importClause) {
      const { importClause: clause } = node;
      const from = text.slice(clause.end, node.end);
      const type = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'import type ' : 'import ';
      if (clause.name) add(clause.name.text, `${type}${clause.name.text}${from}`);
      const { namedBindings: names } = clause;
      if (names && ts.isNamespaceImport(names)) add(names.name.text, `${type}${part(names)}${from}`);
      else for (const one of names?.elements ?? []) add(one.name.text, `${type}{ ${part(one)} }${from}`);
    } else if (ts.isExportDeclaration(node) || ts.isExportAssignment(node)) {
      continue;
    } else {
      const { name } = node as ts.DeclarationStatement;
      const isGlobal =
        name !== undefined && ts.isModuleDeclaration(node) && !(node.flags & ts.NodeFlags.Namespace);
      add(name && ts.isIdentifier(name) && !isGlobal ? name.text : '', whole(node));
    }
  }
  return found;
}

/** What later cells see of the earlier ones. */
export class Declarations {
  private entries: readonly Declaration[] = [];
  private printed: string | undefined;

  get text(): string {
    return (this.printed ??= this.entries.map(({ text }) => `${text}\n`).join(''));
  }

  has(name: string): boolean {
    return this.entries.some((entry) => entry.name === name);
  }

  hasValue(name: string): boolean {
    return this.entries.some((entry) => entry.name === name && entry.value);
  }

  isAmbient(name: string): boolean {
    return this.entries.some((entry) => entry.name === name && entry.ambient);
  }

  /**
   * Adds a cell's declarations in place of earlier ones of the same names: all of them, or those whose values
   * came to be and those that are types only.
   */
  add(
    text: string,
    meanings: ReadonlyMap<string, Meaning>,
    ambient: ReadonlySet<string>,
    kept: readonly string[] | 'all',
  ): void {
    const exists = (entry: Declaration): boolean =>
      kept === 'all' || !entry.value || entry.ambient || kept.includes(entry.name);
    const added = split(text, meanings, ambient).filter(exists);
    const values = new Set(added.filter(({ value }) => value).map(({ name }) => name));
    const types = new Set(added.filter(({ type }) => type).map(({ name }) => name));
    const nameless = new Set(added.filter(({ name }) => name === '').map((entry) => entry.text));
    const left = this.entries.flatMap((entry): Declaration[] => {
      if (entry.name === '') return nameless.has(entry.text) ? [] : [entry];
      const value = entry.value && !values.has(entry.name);
      const type = entry.type && !types.has(entry.name);
      if (value === entry.value && type === entry.type) return [entry];
      // A class of which only the type was declared anew is still a value.
      if (value) return [{ ...entry, text: `declare let ${entry.name}: any;`, type: false }];
      return [];
    });
    this.entries = [...left, ...added];
    this.printed = undefined;
  }

  clear(): void {
    this.entries = [];
    this.printed = undefined;
  }
}
