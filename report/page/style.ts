import { type Html, html } from '../../core/base/text/html.ts';

/** The page's own style: light, dark and print. The charts take their colours from the variables. */
export const STYLE: Html = html`
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b232c; --quiet: #5b6672; --rule: #dfe4ea; --wash: #f5f7f9;
  --good: #1a7f46; --bad: #c4320a; --unsure: #8a6100;
  --series-1: #1060b4; --chart-reference: #7a8592; --chart-threshold: #c4320a; --chart-quiet: #5b6672; --chart-grid: #dfe4ea;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12171d; --ink: #e4e9ee; --quiet: #9aa6b2; --rule: #2c343d; --wash: #1a2129;
    --good: #4cc38a; --bad: #ff8a65; --unsure: #e5b454;
    --series-1: #5aa4f2; --chart-reference: #8b96a3; --chart-threshold: #ff8a65; --chart-quiet: #9aa6b2; --chart-grid: #2c343d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px 20px 40px; max-width: 820px;
  background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
}
header p { margin: 0; color: var(--quiet); }
h1 { margin: 2px 0 16px; font-size: 26px; line-height: 1.2; }
h2 { margin: 36px 0 8px; font-size: 18px; }
p { margin: 6px 0; }
.verdict { --tone: var(--unsure); border: 1px solid var(--rule); border-left: 6px solid var(--tone); border-radius: 6px; padding: 14px 18px; background: var(--wash); }
.verdict.good { --tone: var(--good); }
.verdict.bad { --tone: var(--bad); }
.verdict h2 { margin: 0 0 4px; font-size: 21px; color: var(--tone); }
.verdict ul { margin: 8px 0 0; padding-left: 20px; }
dl.glance { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 10px; margin: 16px 0 0; }
dl.glance div { border: 1px solid var(--rule); border-radius: 6px; padding: 8px 12px; }
dl.glance dt { font-size: 12px; color: var(--quiet); }
dl.glance dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
dl.glance dd small { display: block; font-size: 12px; font-weight: 400; color: var(--quiet); }
figure { margin: 8px 0; }
svg { display: block; max-width: 100%; height: auto; --plot-background: var(--paper); }
figcaption, .note, caption { color: var(--quiet); font-size: 13px; }
table { border-collapse: collapse; width: 100%; margin: 8px 0 14px; font-size: 14px; }
caption { text-align: left; padding-bottom: 4px; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
td.heat { background: color-mix(in srgb, var(--heat-colour) calc(var(--heat) * 45%), transparent); }
td.right { --heat-colour: var(--series-1); font-weight: 600; }
td.wrong { --heat-colour: var(--bad); }
table.matrix th { min-width: 4.7em; white-space: normal; overflow-wrap: anywhere; }
table.matrix tbody th { min-width: 8em; }
table.refusals { table-layout: fixed; }
table.refusals tr > :nth-child(1) { width: 32%; }
table.refusals tr > :nth-child(2) { width: 88px; }
table.facts { table-layout: fixed; }
table.facts tr > :nth-child(1) { width: 30%; }
table.facts tr > :nth-child(2) { width: 16%; }
table.facts tr > :nth-child(3) { padding-left: 24px; }
.wide { overflow-x: auto; }
.newest { direction: rtl; }
.newest > * { direction: ltr; margin-inline: 0 auto; }
.state { font-weight: 600; white-space: nowrap; overflow-wrap: normal; }
.state.bad { color: var(--bad); }
ul.chips { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 14px 12px; margin: 12px 0; padding: 0; list-style: none; }
ul.chips li { font-size: 12px; line-height: 1.35; overflow-wrap: anywhere; break-inside: avoid; }
ul.chips img, ul.chips .missing { display: block; width: 100%; aspect-ratio: 1; margin-bottom: 4px; border-radius: 4px; image-rendering: pixelated; object-fit: contain; background: var(--wash); }
ul.chips .missing { padding: 8px; color: var(--quiet); overflow: hidden; }
ul.chips b { font-size: 13px; }
ul.chips span { display: block; color: var(--quiet); }
details summary { cursor: pointer; color: var(--quiet); font-size: 13px; }
footer { margin-top: 36px; padding-top: 10px; border-top: 1px solid var(--rule); color: var(--quiet); font-size: 12px; }
@media screen and (max-width: 640px) {
  .wide table, .wide svg, .newest > * { min-width: 560px; }
}
@page { size: A4; margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { margin-top: 24px; }
  h2, h2 + .note, caption { break-after: avoid; }
  th, td { padding: 3px 8px; }
  .verdict, figure, dl.glance div, tr, .together { break-inside: avoid; }
  ul.chips { grid-template-columns: repeat(6, 1fr); }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  details { display: none; }
}
`;
