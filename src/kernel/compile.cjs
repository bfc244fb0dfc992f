'use strict';
/* global __dirname */
// Turns TypeScript files into CommonJS as they are required. Plain JavaScript, since it loads the rest.
//
// The result is kept in node_modules/.cache/msl-kernel under the hash of everything it depends on, so that a
// kernel whose files have not changed starts without compiling, and its control thread without a compiler.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const process = require('node:process');

const VERSION = `5 ${require('typescript/package.json').version}`;

/** The nearest node_modules above this file that can be written to, or null. */
function findCache() {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const modules = path.basename(folder) === 'node_modules' ? folder : path.join(folder, 'node_modules');
    if (fs.existsSync(modules)) {
      try {
        const cache = path.join(modules, '.cache', 'msl-kernel');
        fs.mkdirSync(cache, { recursive: true });
        fs.accessSync(cache, fs.constants.W_OK);
        return cache;
      } catch {
        return null;
      }
    }
    if (folder === path.dirname(folder)) return null;
  }
}
const cache = findCache();

/** Names that belong to every CommonJS module, and that an ES module may declare as its own. */
const RESERVED = new Set(['require', 'module', 'exports', '__filename', '__dirname']);

/** Whether an identifier names a member, rather than a variable. */
function isMember(ts, node) {
  const { parent } = node;
  return (
    parent?.name === node &&
    (ts.isClassElement(parent) || ts.isObjectLiteralElement(parent) || ts.isEnumMember(parent))
  );
}

/** Renames such declarations: `const require = createRequire(import.meta.url)` is common. */
function renameReserved(ts) {
  return (context) => (file) => {
    const own = new Set();
    /** Statements that export such a name. */
    const exporting = new Set();
    for (const statement of file.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name } of statement.declarationList.declarations) {
        if (!ts.isIdentifier(name) || !RESERVED.has(name.text)) continue;
        own.add(name.text);
        if (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
          exporting.add(statement);
      }
    }
    if (own.size === 0) return file;
    const { factory } = context;
    const renamed = (name) => factory.createIdentifier(`${name}_own`);
    /** `export const module = 1` as `const module_own = 1; export { module_own as module };`, one by one. */
    const separately = ({ modifiers, declarationList: list }) =>
      list.declarations.flatMap((declaration) => {
        const { name } = declaration;
        const isOwn = ts.isIdentifier(name) && own.has(name.text);
        const one = factory.createVariableDeclarationList([visit(declaration)], list.flags);
        if (!isOwn) return [factory.createVariableStatement(modifiers, one)];
        const specifier = factory.createExportSpecifier(false, renamed(name.text), name.text);
        return [
          factory.createVariableStatement(undefined, one),
          factory.createExportDeclaration(undefined, false, factory.createNamedExports([specifier])),
        ];
      });
    const visit = (node) => {
      if (exporting.has(node)) return separately(node);
      if (ts.isIdentifier(node)) return own.has(node.text) && !isMember(ts, node) ? renamed(node.text) : node;
      if (ts.isPropertyAccessExpression(node)) {
        return factory.updatePropertyAccessExpression(node, visit(node.expression), node.name);
      }
      if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
        return factory.updatePropertyAssignment(node, node.name, visit(node.initializer));
      }
      if (ts.isShorthandPropertyAssignment(node) && own.has(node.name.text)) {
        return factory.createPropertyAssignment(node.name.text, renamed(node.name.text));
      }
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitNode(file, visit);
  };
}

/** `import.meta.url` in CommonJS: a constant, since a function may have a `require` and a `module` of its own. */
const URL_NAME = 'url\u00b7';
const URL_CONSTANT = `const ${URL_NAME} = require("node:url").pathToFileURL(__filename).href; `;

/** What stands for the members of `import.meta`. */
const META = { url: URL_NAME, filename: '__filename', dirname: '__dirname' };

/** Puts {@link META} in the place of `import.meta`; `used` is told the names. */
function replaceMeta(ts, used) {
  return (context) => (file) => {
    const visit = (node) => {
      const isMeta = ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression);
      const name =
        isMeta && node.expression.keywordToken === ts.SyntaxKind.ImportKeyword && META[node.name.text];
      if (!name) return ts.visitEachChild(node, visit, context);
      used.add(name);
      return ts.setTextRange(context.factory.createIdentifier(name), node);
    };
    return ts.visitNode(file, visit);
  };
}

function transpile(source, file, { before = [], after = [] }) {
  const ts = require('typescript');
  const used = new Set();
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    transformers: { before: [renameReserved(ts), replaceMeta(ts, used), ...before], after: [...after] },
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      jsx: ts.JsxEmit.React,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  // On the first line, whose place in the source map is nobody's, so that all lines keep their numbers.
  return used.has(URL_NAME) ? outputText.replace(/^("use strict";)?/, `$1${URL_CONSTANT}`) : outputText;
}

/**
 * @typedef {readonly import('typescript').TransformerFactory<import('typescript').SourceFile>[]} Transformers
 */

/**
 * A file as CommonJS. Transformers of TypeScript, under a name that changes when they do, work on its source before, and
 * on what has become of it after.
 *
 * @param {string} file
 * @param {{ name: string, before?: Transformers, after?: Transformers }} [extra]
 */
function compile(file, extra = { name: '' }) {
  const source = fs.readFileSync(file, 'utf8');
  if (!cache) return transpile(source, file, extra);
  // The path counts: it stands in the source map, and so in stack traces.
  const key = createHash('sha256')
    .update([VERSION, extra.name, file, source].join('\0'))
    .digest('hex')
    .slice(0, 32);
  const kept = path.join(cache, `${key}.cjs`);
  try {
    return fs.readFileSync(kept, 'utf8');
  } catch {
    const output = transpile(source, file, extra);
    const part = `${kept}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    try {
      fs.writeFileSync(part, output);
      fs.renameSync(part, kept);
    } catch {
      // A full disk or a folder that was removed meanwhile: the file is compiled again next time.
    }
    return output;
  }
}

const cacheFolder = cache;
module.exports = { compile, cacheFolder };
