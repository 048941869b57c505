/** Of the page of a call: light and dark, narrow and wide, and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--head:#f3f5f7;--person:#e3effd;--leg:#0b5cad;--talk:#2a8a4a;--warn:#fff4d6}
@media (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6eaef;--soft:#9aa5b1;--line:#39424d;--head:#222930;--person:#15304f;--leg:#6db3ff;--talk:#4dbb72;--warn:#40350f}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:110rem;background:var(--paper);color:var(--ink);font:1rem/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.25;margin:.2rem 0 .6rem}
h2{font-size:1.05rem;margin:1.6rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0}
.notes{background:var(--warn);border-radius:.4rem;padding:.6rem .8rem;margin:1rem 0 0;list-style:none}
.box{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem}
.box:focus-visible{outline:3px solid var(--leg);outline-offset:2px}
table{border-collapse:collapse;width:100%;min-width:60rem;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:normal}
th{background:var(--head);white-space:nowrap}
tr:last-child td{border-bottom:0}
.id{font-family:ui-monospace,monospace;font-size:.8rem;white-space:nowrap}
.soft{color:var(--soft)}
.sequence{display:block;font:12px system-ui,sans-serif}
.sequence text{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.sequence .small{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.sequence .head~text{stroke:none}
.sequence .name{font-weight:600}
.sequence .head{fill:var(--head);stroke:var(--line)}
.sequence .person{fill:var(--person)}
.sequence .lane{stroke:var(--line);stroke-dasharray:3 4;fill:none}
.sequence .leg{stroke:var(--leg);stroke-width:1.8;fill:none}
.sequence .lost{stroke-dasharray:6 4;stroke-width:1.3}
.sequence .tip{fill:var(--leg)}
.sequence .bar{fill:var(--line);stroke:var(--soft);stroke-width:.6}
.sequence .talk{fill:var(--talk);stroke:none}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#aaa;--head:#f3f5f7;--person:#e3effd;--leg:#0b5cad;--talk:#2a8a4a;--warn:#fff}
body{padding:0;max-width:none;font-size:10pt}.box{overflow:visible;border:0}.sequence{max-width:100%;height:auto}table{font-size:8pt;min-width:0}tr,.sequence{break-inside:avoid}.id{white-space:normal}}
`
