/** The style of the report's page: one column, light or dark as the reader's system is, printed light. */
export const PAGE_STYLE = `
:root { color-scheme: light; --paper: #fff; --ink: #222; --soft: #555; --faint: #666; --line: #ddd; --row: #e4e4e4;
  --rule: #999; --caveat: #fdf7ea; --differs: #eef5fb; --code: #f5f5f5; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --paper: #16181c; --ink: #e6e6e6; --soft: #b4b8bf; --faint: #a3a8b0; --line: #3a3f46;
    --row: #2c3036; --rule: #7a808a; --caveat: #2b2517; --differs: #1c2a36; --code: #22262b; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 44px 0 8px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 28px 0 6px; }
p { margin: 0 0 12px; max-width: 46em; overflow-wrap: break-word; }
.kicker { color: var(--faint); font-size: .85rem; margin-bottom: 6px; }
.question { font-size: 1.1rem; }
.caveat { border-left: 4px solid #E69F00; background: var(--caveat); padding: 10px 14px; max-width: 50em; }
.note, figcaption { color: var(--soft); font-size: .9rem; }
figure { margin: 12px 0 28px; break-inside: avoid; }
figcaption { max-width: 50em; margin-top: 4px; }
.plot { width: 100%; }
.scroll { overflow-x: auto; margin: 8px 0 6px; break-inside: avoid; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: 5px 14px 5px 0; text-align: right; vertical-align: bottom; border-bottom: 1px solid var(--row); }
td { white-space: nowrap; }
thead th { border-bottom: 2px solid var(--rule); font-weight: 600; max-width: 9.5em; }
th:first-child { text-align: left; font-weight: 500; white-space: nowrap; }
thead th:first-child { font-weight: 600; }
tr.summary:not(tr.summary + tr) th, tr.summary:not(tr.summary + tr) td { border-top: 1px solid var(--rule); }
tr.summary th, tr.summary td { font-weight: 600; }
table.settings td, table.settings thead th { text-align: left; vertical-align: top; white-space: normal; overflow-wrap: anywhere; }
/* A short word stays whole beside a long list. */
table.settings td { min-width: 6.5em; }
table.settings th[scope="row"] { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem; }
table.settings tr.differs { background: var(--differs); }
table.settings tr.differs th, table.settings tr.differs td { font-weight: 600; }
table.settings tr.differs th:first-child { padding-left: 6px; }
pre { background: var(--code); padding: 10px 14px; overflow-x: auto; border-radius: 4px; font-size: .9rem; }
details { margin: 8px 0; }
summary { cursor: pointer; }
footer { margin-top: 48px; color: var(--faint); font-size: .85rem; }
@media (max-width: 560px) {
  main { padding: 18px 14px 40px; }
  h1 { font-size: 1.4rem; }
  th, td { padding-right: 10px; }
  thead th { max-width: 8.5em; }
}
@media print {
  main { max-width: none; padding: 0; }
  body { font-size: 10.5pt; }
  .scroll { overflow: visible; }
  .scroll:has(.settings) { break-inside: auto; }
  table.settings td { min-width: 0; }
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .modebar { display: none !important; }
}
`;
