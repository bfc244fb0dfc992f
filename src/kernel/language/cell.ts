/**
 * What a cell is turned into: a function whose parameters are the boxes `{ v }` of the notebook's names. A name
 * `x` that this cell or an earlier one declares at the top level becomes `x·.v` wherever it is read or written,
 * so that a function of an earlier cell sees what a later cell makes of it. Decided by symbols, not by spelling.
 */
import ts from 'typescript';

import { moduleRemover } from './moduleRemover.ts';
import { isDeclaredOutside, isEarly, isReference, localsOf, meaningOf } from './symbols.ts';
import { containsJsx, hasDeclare, isAnonymous, isAssignment, named, within } from './syntax.ts';

/** What the transformation found out about a cell; filled while the compiler emits. */
export interface CellShape {
  /** The names whose boxes the function takes, in the order of its parameters. */
  readonly names: readonly string[];
  /** The name of the last parameter, the runtime. */
  readonly runtime: string;
}

export interface CellContext {
  readonly checker: ts.TypeChecker;
  /** The declarations that earlier cells left. */
  readonly earlier: ts.SourceFile;
  readonly options: ts.CompilerOptions;
  /** Whether an earlier cell's name was declared with `declare`, and so exists without the notebook. */
  isAmbient(name: string): boolean;
  /** What `require` is given for an import: the absolute path of a file of the project. */
  link(specifier: string): string;
}

const f = ts.factory;

/** The parameter that holds a name's box. The middle dot may stand in a name, but nobody puts it there. */
export const boxOf = (name: string): string => `${name}\u00b7`;

/** Symbols whose declarations stay declarations in a cell's function. */
const DECLARED = ts.SymbolFlags.Class | ts.SymbolFlags.Enum | ts.SymbolFlags.Function;

/** The transformation of a cell; `shape` may be asked once the compiler has emitted. */
export function cellTransformer(context: CellContext): {
  readonly before: ts.TransformerFactory<ts.SourceFile>;
  readonly after: ts.TransformerFactory<ts.SourceFile>;
  shape(): CellShape;
} {
  const { checker } = context;
  const used = new Set<string>();
  let runtime = '$';
  /** Whether a name that the compiler writes itself, for the metadata of decorators, is that of a box. */
  let isBoxName: (name: string) => boolean = () => false;

  /** `x·.v` */
  const boxAccess = (name: string): ts.PropertyAccessExpression => {
    used.add(name);
    return f.createPropertyAccessExpression(f.createIdentifier(boxOf(name)), 'v');
  };

  const before: ts.TransformerFactory<ts.SourceFile> = (transformation) => (file) => {
    const locals = localsOf(file);
    const earlier = localsOf(context.earlier);
    const { identifiers } = file as unknown as { identifiers?: ReadonlyMap<string, string> };
    if (identifiers?.has('$')) runtime = '$\u00b7\u00b7';
    /** The class, enum or namespace in whose body we are: its own name is local there. */
    const inside = new Set<ts.Symbol>();

    const boxed = new Map<ts.Symbol, boolean>();
    const isBoxed = (symbol: ts.Symbol | undefined): symbol is ts.Symbol => {
      if (!symbol || inside.has(symbol)) return false;
      let known = boxed.get(symbol);
      if (known === undefined) {
        const key = symbol.escapedName;
        known =
          locals.get(key) === symbol
            ? meaningOf(checker, symbol).value && !isDeclaredOutside(symbol)
            : earlier.get(key) === symbol &&
              meaningOf(checker, symbol).value &&
              !context.isAmbient(ts.unescapeLeadingUnderscores(key));
        boxed.set(symbol, known);
      }
      return known;
    };

    isBoxName = (name) => {
      const key = ts.escapeLeadingUnderscores(name);
      const own = locals.get(key);
      // A class or enum of this cell is a local of the function, too, and may not have reached its box yet.
      return own ? isBoxed(own) && !(own.flags & DECLARED) : isBoxed(earlier.get(key));
    };
    /** New names that are read where their declaration may not have run. */
    const early = new Set<string>();
    const access = (name: string, at: ts.Node): ts.PropertyAccessExpression =>
      ts.setSourceMapRange(boxAccess(name), at);
    const boxedReference = (node: ts.Identifier, symbol: ts.Symbol | undefined): symbol is ts.Symbol => {
      if (!isBoxed(symbol)) return false;
      // Where an earlier cell has declared the name, too, its value is read until this cell declares it anew.
      if (isEarly(node, symbol) && !earlier.has(symbol.escapedName)) early.add(node.text);
      return true;
    };
    const boxedName = (node: ts.Node): string | undefined =>
      ts.isIdentifier(node) && isReference(node) && boxedReference(node, checker.getSymbolAtLocation(node))
        ? node.text
        : undefined;
    const onRuntime = (member: string) =>
      f.createPropertyAccessExpression(f.createIdentifier(runtime), member);
    const callRuntime = (member: string, ...args: ts.Expression[]) =>
      f.createCallExpression(onRuntime(member), undefined, args);

    const expression = (node: ts.Expression): ts.Expression => ts.visitNode(node, visit) as ts.Expression;
    /** A value that is assigned to a box: functions and classes get the name they would have got. */
    const valueFor = (name: string | undefined, node: ts.Expression): ts.Expression =>
      name !== undefined && isAnonymous(node) ? named(name, expression(node)) : expression(node);

    /** What is called: `(0, f·.v)`, since `f·.v()` would pass the box as `this`. */
    const callee = (node: ts.Expression): ts.Expression => {
      if (boxedName(within(node)) === undefined) return expression(node);
      const comma = f.createComma(f.createNumericLiteral(0), expression(node));
      // The call is said to stand where the name of what is called begins.
      const called = ts.setEmitFlags(
        f.createParenthesizedExpression(comma),
        ts.EmitFlags.NoTrailingSourceMap | ts.EmitFlags.NoNestedSourceMaps,
      );
      return ts.setSourceMapRange(called, node);
    };

    /** A pattern that declares names, as the pattern that assigns to their boxes. */
    const target = (name: ts.BindingName): ts.Expression => {
      if (ts.isIdentifier(name)) return access(name.text, name);
      if (ts.isArrayBindingPattern(name)) {
        return f.createArrayLiteralExpression(
          name.elements.map((element) => {
            if (ts.isOmittedExpression(element)) return f.createOmittedExpression();
            return element.dotDotDotToken
              ? f.createSpreadElement(target(element.name))
              : withDefault(element);
          }),
        );
      }
      return f.createObjectLiteralExpression(
        name.elements.map((element) => {
          if (element.dotDotDotToken) return f.createSpreadAssignment(target(element.name));
          const key = element.propertyName
            ? (ts.visitNode(element.propertyName, visit) as ts.PropertyName)
            : f.createIdentifier((element.name as ts.Identifier).text);
          return f.createPropertyAssignment(key, withDefault(element));
        }),
      );
    };
    const withDefault = (element: ts.BindingElement): ts.Expression => {
      const to = target(element.name);
      if (!element.initializer) return to;
      const name = ts.isIdentifier(element.name) ? element.name.text : undefined;
      return f.createAssignment(to, valueFor(name, element.initializer));
    };

    /** Whether a declaration declares names of the notebook (a `let` in a block, or anything in a function, does not). */
    const declaresBoxes = (list: ts.VariableDeclarationList): boolean => {
      const first = (name: ts.BindingName): ts.Identifier | undefined => {
        if (ts.isIdentifier(name)) return name;
        for (const element of name.elements) {
          const found = ts.isOmittedExpression(element) ? undefined : first(element.name);
          if (found) return found;
        }
        return undefined;
      };
      for (const declaration of list.declarations) {
        const name = first(declaration.name);
        if (name) return isBoxed(checker.getSymbolAtLocation(name));
      }
      return false;
    };

    const assignment = (declaration: ts.VariableDeclaration, value: ts.Expression): ts.Expression => {
      const node = f.createAssignment(target(declaration.name), value);
      return ts.setSourceMapRange(node, declaration);
    };
    /** `let y;` makes y undefined; `var y;` says nothing (it may stand in a loop). */
    const declarations = (list: ts.VariableDeclarationList): ts.Expression[] =>
      list.declarations.flatMap((declaration) => {
        const { name, initializer } = declaration;
        if (initializer) {
          return [
            assignment(declaration, valueFor(ts.isIdentifier(name) ? name.text : undefined, initializer)),
          ];
        }
        if ((list.flags & ts.NodeFlags.BlockScoped) === 0) {
          bareVars.add((name as ts.Identifier).text);
          return [];
        }
        return [assignment(declaration, f.createVoidZero())];
      });
    /** Names of `var` that their declaration may never give a value: nothing of an earlier cell is left in them. */
    const bareVars = new Set<string>();
    /** A `var` in a branch or in the head of a loop is there from the beginning, whether or not that is reached. */
    const beginVars = (list: ts.VariableDeclarationList): void => {
      if ((list.flags & ts.NodeFlags.BlockScoped) !== 0) return;
      const add = (name: ts.BindingName): void => {
        if (ts.isIdentifier(name)) bareVars.add(name.text);
        else for (const part of name.elements) if (!ts.isOmittedExpression(part)) add(part.name);
      };
      for (const { name } of list.declarations) add(name);
    };

    const inOwn = (node: ts.ClassDeclaration | ts.EnumDeclaration | ts.ModuleDeclaration): ts.Node => {
      const symbol = node.name && checker.getSymbolAtLocation(node.name);
      if (!symbol || inside.has(symbol)) return ts.visitEachChild(node, visit, transformation);
      inside.add(symbol);
      const visited = ts.visitEachChild(node, visit, transformation);
      inside.delete(symbol);
      return visited;
    };

    /** What is meant by `<C>` where C has a box. */
    const tag = <T extends ts.Node>(node: T): T => ts.visitNode(node, visit) as T;

    const visit = (node: ts.Node): ts.Node => {
      if (ts.isIdentifier(node)) {
        const name = boxedName(node);
        return name === undefined ? node : access(name, node);
      }
      if (ts.isExpressionWithTypeArguments(node)) {
        const { parent } = node;
        if (ts.isHeritageClause(parent) && parent.token === ts.SyntaxKind.ImplementsKeyword) return node;
        return f.updateExpressionWithTypeArguments(node, expression(node.expression), node.typeArguments);
      }
      if (
        ts.isTypeNode(node) ||
        ts.isTypeParameterDeclaration(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isTypeAliasDeclaration(node)
      ) {
        return node;
      }
      if (ts.isShorthandPropertyAssignment(node)) {
        const { name, objectAssignmentInitializer: fallback } = node;
        if (!boxedReference(name, checker.getShorthandAssignmentValueSymbol(node))) {
          return ts.visitEachChild(node, visit, transformation);
        }
        const value = access(name.text, name);
        return f.createPropertyAssignment(
          f.createIdentifier(name.text),
          fallback ? f.createAssignment(value, valueFor(name.text, fallback)) : value,
        );
      }
      if (ts.isCallExpression(node)) {
        const args = node.arguments.map(expression);
        if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
          const [specifier] = node.arguments;
          if (specifier && ts.isStringLiteralLike(specifier)) {
            args[0] = f.createStringLiteral(context.link(specifier.text));
          }
          return ts.setSourceMapRange(callRuntime('import', ...args), node);
        }
        return ts.isCallChain(node)
          ? f.updateCallChain(node, callee(node.expression), node.questionDotToken, node.typeArguments, args)
          : f.updateCallExpression(node, callee(node.expression), node.typeArguments, args);
      }
      if (ts.isTaggedTemplateExpression(node)) {
        const template = ts.visitNode(node.template, visit) as ts.TemplateLiteral;
        return f.updateTaggedTemplateExpression(node, callee(node.tag), node.typeArguments, template);
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return ts.setSourceMapRange(onRuntime('meta'), node);
      }
      if (ts.isBinaryExpression(node) && isAssignment(node) && isAnonymous(node.right)) {
        const name = ts.isIdentifier(node.left) ? boxedName(node.left) : undefined;
        return f.updateBinaryExpression(
          node,
          expression(node.left),
          node.operatorToken,
          valueFor(name, node.right),
        );
      }
      if (ts.isVariableStatement(node)) {
        const isUsing = (node.declarationList.flags & ts.NodeFlags.Using) !== 0;
        if (isUsing || hasDeclare(node) || !declaresBoxes(node.declarationList)) {
          return ts.visitEachChild(node, visit, transformation);
        }
        if (node.parent !== file) beginVars(node.declarationList);
        const parts = declarations(node.declarationList);
        if (parts.length === 0) return f.createEmptyStatement();
        return f.createExpressionStatement(
          parts.length === 1 ? parts[0]! : f.createCommaListExpression(parts),
        );
      }
      if (ts.isForStatement(node) && node.initializer && ts.isVariableDeclarationList(node.initializer)) {
        if (!declaresBoxes(node.initializer)) return ts.visitEachChild(node, visit, transformation);
        beginVars(node.initializer);
        const parts = declarations(node.initializer);
        return f.updateForStatement(
          node,
          parts.length === 0 ? undefined : f.createCommaListExpression(parts),
          node.condition && expression(node.condition),
          node.incrementor && expression(node.incrementor),
          ts.visitNode(node.statement, visit) as ts.Statement,
        );
      }
      if (
        (ts.isForOfStatement(node) || ts.isForInStatement(node)) &&
        ts.isVariableDeclarationList(node.initializer) &&
        declaresBoxes(node.initializer)
      ) {
        beginVars(node.initializer);
        const to = target(node.initializer.declarations[0]!.name);
        const over = expression(node.expression);
        const body = ts.visitNode(node.statement, visit) as ts.Statement;
        return ts.isForOfStatement(node)
          ? f.updateForOfStatement(node, node.awaitModifier, to, over, body)
          : f.updateForInStatement(node, to, over, body);
      }
      if (ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) {
        return inOwn(node);
      }
      if (ts.isJsxOpeningElement(node)) {
        return f.updateJsxOpeningElement(node, tag(node.tagName), node.typeArguments, tag(node.attributes));
      }
      return ts.visitEachChild(node, visit, transformation);
    };

    /** `x·.v = x` after a declaration that stays one. */
    const store = (name: ts.Identifier): ts.Statement[] => {
      if (!isBoxed(checker.getSymbolAtLocation(name))) return [];
      const node = f.createAssignment(access(name.text, name), f.createIdentifier(name.text));
      return [f.createExpressionStatement(node)];
    };

    const link = (name: ts.Identifier, value: ts.Expression): ts.Statement[] => {
      if (!isBoxed(checker.getSymbolAtLocation(name))) return [];
      used.add(name.text);
      const read = f.createArrowFunction(undefined, undefined, [], undefined, undefined, value);
      return [f.createExpressionStatement(callRuntime('link', f.createIdentifier(boxOf(name.text)), read))];
    };
    const constant = (name: ts.Identifier, value: ts.Expression): ts.Statement =>
      f.createVariableStatement(
        undefined,
        f.createVariableDeclarationList(
          [f.createVariableDeclaration(name, undefined, undefined, value)],
          ts.NodeFlags.Const,
        ),
      );
    const requireCall = (specifier: ts.StringLiteralLike): ts.Expression =>
      ts.setSourceMapRange(
        callRuntime('require', f.createStringLiteral(context.link(specifier.text))),
        specifier,
      );

    const importDeclaration = (node: ts.ImportDeclaration): ts.Statement[] => {
      const specifier = node.moduleSpecifier as ts.StringLiteral;
      const { importClause: clause } = node;
      if (!clause) return [f.createExpressionStatement(requireCall(specifier))];
      const module = f.createUniqueName('module');
      const whole = f.createUniqueName('namespace');
      const needed = new Set<ts.Identifier>();
      const links: ts.Statement[] = [];
      const add = (name: ts.Identifier, member: string | undefined) => {
        const from = member === undefined || member === 'default' ? whole : module;
        const value =
          member === undefined ? from : f.createElementAccessExpression(from, f.createStringLiteral(member));
        const made = link(name, value);
        if (made.length > 0) needed.add(from);
        links.push(...made);
      };
      if (clause.name) add(clause.name, 'default');
      const { namedBindings } = clause;
      if (namedBindings && ts.isNamespaceImport(namedBindings)) add(namedBindings.name, undefined);
      if (namedBindings && ts.isNamedImports(namedBindings)) {
        for (const { name, propertyName } of namedBindings.elements) add(name, (propertyName ?? name).text);
      }
      if (links.length === 0) return []; // of types only: the module is not loaded
      return [
        constant(module, requireCall(specifier)),
        ...(needed.has(whole) ? [constant(whole, callRuntime('interop', module))] : []),
        ...links,
      ];
    };

    const importEquals = (node: ts.ImportEqualsDeclaration): ts.Statement[] => {
      const { moduleReference: reference, name } = node;
      if (ts.isExternalModuleReference(reference)) {
        const module = f.createUniqueName('module');
        const links = link(name, module);
        if (links.length === 0) return [];
        return [constant(module, requireCall(reference.expression as ts.StringLiteral)), ...links];
      }
      const entity = (part: ts.EntityName): ts.Expression => {
        if (ts.isIdentifier(part)) {
          return isBoxed(checker.getSymbolAtLocation(part))
            ? access(part.text, part)
            : f.createIdentifier(part.text);
        }
        return f.createPropertyAccessExpression(entity(part.left), part.right.text);
      };
      return link(name, entity(reference));
    };

    /** The name that classic JSX calls, which the compiler writes as a plain variable. */
    const jsxVariables = (): ts.Statement[] => {
      if (context.options.jsx !== ts.JsxEmit.React) return [];
      const { jsxFactory, jsxFragmentFactory, reactNamespace } = context.options;
      const roots = [jsxFactory ?? reactNamespace ?? 'React', jsxFragmentFactory ?? 'React'];
      return [...new Set(roots.map((root) => root.split('.')[0]!))].flatMap((root) => {
        const key = ts.escapeLeadingUnderscores(root);
        if (!isBoxed(locals.get(key) ?? earlier.get(key))) return [];
        return [constant(f.createIdentifier(root), access(root, file))];
      });
    };

    const topLevel = (node: ts.Statement): ts.Statement[] => {
      if (ts.isImportDeclaration(node)) return importDeclaration(node);
      if (ts.isImportEqualsDeclaration(node)) return importEquals(node);
      if (ts.isExportDeclaration(node)) {
        // `export … from`: nobody imports a cell, but the module is loaded.
        const { moduleSpecifier: from } = node;
        const loads = from && ts.isStringLiteral(from) && !node.isTypeOnly;
        return loads ? [f.createExpressionStatement(requireCall(from))] : [];
      }
      if (hasDeclare(node)) return [node];
      const visited = ts.visitNode(node, visit) as ts.Statement;
      if (ts.isVariableStatement(node)) {
        const isUsing = (node.declarationList.flags & ts.NodeFlags.Using) !== 0;
        const stores = node.declarationList.declarations.flatMap(({ name }) =>
          isUsing && ts.isIdentifier(name) ? store(name) : [],
        );
        return [visited, ...stores];
      }
      if (
        (ts.isClassDeclaration(node) || ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) &&
        node.name &&
        ts.isIdentifier(node.name)
      ) {
        return [visited, ...store(node.name)];
      }
      return [visited];
    };

    const hoisted: ts.Statement[] = [];
    const stored = new Set<string>();
    for (const node of file.statements) {
      if (!ts.isFunctionDeclaration(node) || !node.body || !node.name || stored.has(node.name.text)) continue;
      stored.add(node.name.text);
      hoisted.push(...store(node.name));
    }

    let last = file.statements.length - 1;
    const isIgnorable = (node: ts.Statement | undefined): boolean =>
      node !== undefined && (ts.isEmptyStatement(node) || ts.isExportDeclaration(node));
    while (isIgnorable(file.statements[last])) last--;

    const statements: ts.Statement[] = [];
    file.statements.forEach((node, index) => {
      if (index !== last || !ts.isExpressionStatement(node)) {
        statements.push(...topLevel(node));
        return;
      }
      const call = callRuntime('result', expression(node.expression));
      statements.push(ts.setSourceMapRange(f.createExpressionStatement(call), node));
    });
    for (const name of bareVars) {
      const reset = f.createAssignment(access(name, file), f.createVoidZero());
      hoisted.push(f.createExpressionStatement(reset));
    }
    const unset = [...early].map((name) =>
      f.createExpressionStatement(callRuntime('uninitialised', f.createIdentifier(boxOf(name)))),
    );
    if (containsJsx(file)) hoisted.push(...jsxVariables());
    return f.updateSourceFile(file, [...unset, ...hoisted, ...statements]);
  };

  const after = moduleRemover({
    isBoxName: (name) => isBoxName(name),
    boxAccess,
    runtime: () => runtime,
    hasMetadata: context.options.emitDecoratorMetadata === true,
  });
  return { before, after, shape: () => ({ names: [...used], runtime }) };
}
