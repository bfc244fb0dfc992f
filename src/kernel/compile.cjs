'use strict';
// Turns TypeScript files into CommonJS as they are required. Plain JavaScript, since it loads the rest.
//
// The result is kept under the hash of everything it depends on, so that a kernel whose files have not changed starts
// without compiling, and its control thread without a compiler.
const { createHash } = require('node:crypto');
const fs = require('node:fs');

const { cache } = require('./cache.cjs');
const { renameReserved } = require('./reservedNames.cjs');

const VERSION = `6 ${require('typescript/package.json').version}`;

/** `import.meta.url` in CommonJS: a constant, since a function may have a `require` and a `module` of its own. */
const URL_NAME = 'url\u00b7';
const URL_CONSTANT = `const ${URL_NAME} = require("node:url").pathToFileURL(__filename).href; `;

/** `import.meta.resolve` in CommonJS: the URL of what `require` would load. */
const RESOLVE_NAME = 'resolve\u00b7';
const RESOLVE_CONSTANT =
  `const ${RESOLVE_NAME} = ((resolve, { isAbsolute }, { pathToFileURL }) => (name) => { const file = resolve(name); ` +
  'return isAbsolute(file) ? pathToFileURL(file).href : `node:${file.replace(/^node:/, "")}`; })' +
  '(require.resolve, require("node:path"), require("node:url")); ';

/** What stands for the members of `import.meta`. */
const META = { url: URL_NAME, filename: '__filename', dirname: '__dirname', resolve: RESOLVE_NAME };

/** What makes them, where it is more than the name of a parameter. */
const CONSTANTS = { [URL_NAME]: URL_CONSTANT, [RESOLVE_NAME]: RESOLVE_CONSTANT };

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

/** `.mjs` and `.mts` files would stay ES modules, whatever the options say. */
const asCommonJs = () => (file) => Object.assign(file, { impliedNodeFormat: undefined });

function transpile(source, file, { before = [], after = [] }) {
  const ts = require('typescript');
  const used = new Set();
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    transformers: {
      before: [asCommonJs, renameReserved(ts), replaceMeta(ts, used), ...before],
      after: [...after],
    },
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
  const constants = [...used].map((name) => CONSTANTS[name] ?? '').join('');
  return constants === ''
    ? outputText
    : outputText.replace(/^("use strict";)?/, (strict) => strict + constants);
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
  // The path counts: it stands in the source map, and so in stack traces.
  const key = createHash('sha256')
    .update([VERSION, extra.name, file, source].join('\0'))
    .digest('hex')
    .slice(0, 32);
  const kept = cache.read(`${key}.cjs`);
  if (kept !== undefined) return kept;
  const output = transpile(source, file, extra);
  cache.write(`${key}.cjs`, output);
  return output;
}

module.exports = { compile };
