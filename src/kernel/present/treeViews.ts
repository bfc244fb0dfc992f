/** A tree as HTML that unfolds without scripts, and its beginning as text. */
import { escapeHtml } from './html.ts';
import { cut, type Kind } from './preview.ts';
import type { TreeNode } from './tree.ts';

const color = (name: string, vscode: string, fallback: string) =>
  `color:var(--jp-mirror-editor-${name}-color,var(--vscode-${vscode},${fallback}))`;

/**
 * Colours of the notebook's theme. Where styles are taken away (a notebook that is not trusted, GitHub) nested
 * lists remain.
 */
const STYLE =
  '<style>' +
  '.msl-tree{font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);line-height:1.45;' +
  'color:var(--jp-content-font-color1,inherit)}' +
  // Twice the class: before the theme's own rules for nested lists.
  '.msl-tree.msl-tree ul{list-style:none;margin:0;padding:0 0 0 1.3em}.msl-tree li{margin:0}' +
  '.msl-tree summary{cursor:pointer;margin-left:-1.1em}.msl-tree>details{margin-left:1.1em}' +
  '.msl-tree pre{margin:.2em 0;padding:.4em .6em;white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;' +
  'font-size:inherit;background:var(--jp-layout-color2,rgba(128,128,128,.1));color:inherit}' +
  `.msl-tree b{font-weight:normal;${color('property', 'debugTokenExpression-name', '#05a')}}` +
  `.msl-tree .n{${color('number', 'debugTokenExpression-number', '#080')}}` +
  `.msl-tree .s{${color('string', 'debugTokenExpression-string', '#a11')};overflow-wrap:anywhere}` +
  `.msl-tree .w{${color('keyword', 'debugTokenExpression-boolean', '#07a')}}` +
  `.msl-tree .f{${color('def', 'debugTokenExpression-name', '#00f')}}` +
  '.msl-tree .e{color:var(--jp-error-color1,#d32f2f)}' +
  '.msl-tree .o{color:var(--jp-content-font-color2,#777)}' +
  '</style>';

const CLASSES: Readonly<Record<Kind, string>> = {
  number: 'n',
  string: 's',
  word: 'w',
  function: 'f',
  error: 'e',
  note: 'o',
  plain: '',
};

function line({ key, text, kind }: TreeNode): string {
  const name = key === '' ? '' : `<b>${escapeHtml(key)}</b>: `;
  const style = CLASSES[kind];
  return name + (style === '' ? escapeHtml(text) : `<span class="${style}">${escapeHtml(text)}</span>`);
}

function nodeHtml(node: TreeNode, open: boolean): string {
  if (node.children.length === 0 && node.block === undefined) return line(node);
  const items = node.children.map((child) => `<li>${nodeHtml(child, false)}</li>`);
  if (node.rest !== undefined) items.push(`<li class="o">${escapeHtml(node.rest)}</li>`);
  const block = node.block === undefined ? '' : `<pre>${escapeHtml(node.block)}</pre>`;
  const list = items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
  return `<details${open ? ' open' : ''}><summary>${line(node)}</summary>${block}${list}</details>`;
}

/** A root of at most so many lines is unfolded from the beginning. */
const OPEN_LINES = 20;

export function treeHtml(root: TreeNode): string {
  const lines = root.children.length + (root.block?.split('\n').length ?? 0);
  return `<div class="msl-tree">${STYLE}${nodeHtml(root, lines <= OPEN_LINES)}</div>`;
}

const TEXT_LINES = 12;
const TEXT_WIDTH = 120;

/** The root and what it holds, no further, abbreviated. */
export function treeText(root: TreeNode): string {
  const lines = [
    ...(root.block ?? '')
      .slice(0, TEXT_LINES * TEXT_WIDTH)
      .split('\n')
      .slice(0, TEXT_LINES),
    ...root.children.map(({ key, text }) => (key === '' ? text : `${key}: ${text}`)),
  ].filter((line) => line !== '');
  if (root.rest !== undefined) lines.push(root.rest);
  const shown =
    lines.length <= TEXT_LINES ? lines : [...lines.slice(0, TEXT_LINES - 3), '…', ...lines.slice(-2)];
  return [root.text, ...shown.map((line) => `  ${cut(line, TEXT_WIDTH)}`)].join('\n');
}
