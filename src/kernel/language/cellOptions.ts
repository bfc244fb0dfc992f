import ts from 'typescript';

import type { Project } from './project.ts';

/** Options of a project that mean nothing for a cell, or would keep it from being converted. */
const DROPPED: readonly string[] = [
  'rewriteRelativeImportExtensions',
  'composite',
  'incremental',
  'tsBuildInfoFile',
  'inlineSourceMap',
  'inlineSources',
  'sourceRoot',
  'mapRoot',
  'declarationMap',
  'declarationDir',
  'emitDeclarationOnly',
  'configFilePath',
  'noEmitOnError',
  'noEmitHelpers',
  'importHelpers',
  'isolatedDeclarations',
  'removeComments',
  'stripInternal',
  'outFile',
  'outDir',
  'rootDir',
  'rootDirs',
  'noCheck',
  'noLib',
  'noResolve',
  'preserveConstEnums',
  'emitBOM',
];

/** The project's options, and over them what a cell needs to be checked and run on its own. */
export function cellOptions(tslabOptions: ts.CompilerOptions, project: Project): ts.CompilerOptions {
  const { target, typeRoots, newLine } = tslabOptions;
  const own = project.options;
  const options: ts.CompilerOptions = {
    esModuleInterop: true,
    resolveJsonModule: true,
    // A project's own target also chooses its library and how class fields are defined.
    lib: [own.target === undefined ? 'lib.es2023.d.ts' : ts.getDefaultLibFileName(own)],
    useDefineForClassFields: (own.target ?? ts.ScriptTarget.ES2022) >= ts.ScriptTarget.ES2022,
    ...(typeRoots ? { typeRoots } : {}),
    ...own,
    ...(target === undefined ? {} : { target }),
    ...(newLine === undefined ? {} : { newLine }),
    skipLibCheck: true,
    // tslab's converter takes modules in.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    allowJs: true,
    declaration: true,
    sourceMap: true,
    noEmit: false,
    // A name that this cell leaves unused is there for the next one; `import { Type }` is nothing to complain of.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
  };
  for (const name of DROPPED) Reflect.deleteProperty(options, name);
  return options;
}
