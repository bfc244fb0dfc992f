/** The style of the report's page: dark on white, one column, prints as it reads. */
export const PAGE_STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: #222;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 44px 0 8px; padding-top: 14px; border-top: 1px solid #ddd; }
h3 { font-size: 1rem; margin: 28px 0 6px; }
p { margin: 0 0 12px; max-width: 46em; overflow-wrap: break-word; }
.kicker { color: #666; font-size: .85rem; margin-bottom: 6px; }
.question { font-size: 1.1rem; }
.caveat { border-left: 4px solid #E69F00; background: #fdf7ea; padding: 10px 14px; max-width: 50em; }
.note, figcaption { color: #555; font-size: .9rem; }
figure { margin: 12px 0 28px; break-inside: avoid; }
figcaption { max-width: 50em; margin-top: 4px; }
.plot { width: 100%; }
.scroll { overflow-x: auto; margin: 8px 0 6px; break-inside: avoid; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: 5px 14px 5px 0; text-align: right; vertical-align: bottom; border-bottom: 1px solid #e4e4e4; }
td { white-space: nowrap; }
thead th { border-bottom: 2px solid #999; font-weight: 600; max-width: 9.5em; }
th:first-child { text-align: left; font-weight: 500; white-space: nowrap; }
thead th:first-child { font-weight: 600; }
tr.summary:not(tr.summary + tr) th, tr.summary:not(tr.summary + tr) td { border-top: 1px solid #999; }
tr.summary th, tr.summary td { font-weight: 600; }
table.settings td, table.settings thead th { text-align: left; vertical-align: top; white-space: normal; overflow-wrap: anywhere; }
table.settings th[scope="row"] { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem; }
table.settings tr.differs { background: #eef5fb; }
table.settings tr.differs th, table.settings tr.differs td { font-weight: 600; }
table.settings tr.differs th:first-child { padding-left: 6px; }
pre { background: #f5f5f5; padding: 10px 14px; overflow-x: auto; border-radius: 4px; font-size: .9rem; }
details { margin: 8px 0; }
summary { cursor: pointer; }
footer { margin-top: 48px; color: #666; font-size: .85rem; }
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
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .modebar { display: none !important; }
}
`;
