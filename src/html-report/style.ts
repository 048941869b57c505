/** Colours have at least 3:1 against the paper, text 4.5:1, in the light and in the dark. */
export const STYLE = `
:root{
  --paper:#fff;--back:#f4f5f7;--ink:#1b1f27;--soft:#566072;--line:#d9dde4;--grid:#e4e7ec;--axis:#8a93a3;
  --accent:#1f5fbf;--good:#2f7d4f;--bad:#b3361f;--hatch-line:#8d95a3;--hatch-back:#e9ebef;
  --series-1:#2a6bc4;--series-2:#c4620a;--series-3:#2f8558;--series-4:#8a4fc0;
  --series-5:#0e8292;--series-6:#c2357e;--series-7:#8a7a1c;--series-8:#6d7686;
  --heat-0:#f3f4f6;--heat-1:#d3e3f6;--heat-2:#a9c8ec;--heat-3:#78a8de;--heat-4:#4885cc;--heat-5:#2464b0;--heat-6:#113f7e;
  font:clamp(16px,.6rem + .42vw,26px)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
  color:var(--ink);background:var(--back);color-scheme:light dark
}
@media (prefers-color-scheme:dark){:root{
  --paper:#1a1e25;--back:#12151a;--ink:#e8eaee;--soft:#a5aebd;--line:#343b47;--grid:#2a303a;--axis:#707a8a;
  --accent:#82b1ff;--good:#57b583;--bad:#ff8f78;--hatch-line:#6f7887;--hatch-back:#2a2f38;
  --series-1:#6ea5f2;--series-2:#f0984a;--series-3:#5fbd8b;--series-4:#bb8df0;
  --series-5:#48bfcd;--series-6:#f081b8;--series-7:#c9b855;--series-8:#98a2b3;
  --heat-0:#22272f;--heat-1:#1b3a63;--heat-2:#22528f;--heat-3:#2f6dba;--heat-4:#5490dc;--heat-5:#8bb8f2;--heat-6:#c9e0ff
}}
*{box-sizing:border-box}
body{margin:0}
header,main,footer{max-width:106rem;margin:0 auto;padding:0 clamp(.75rem,2.5vw,2.5rem)}
header{padding-top:2rem}
h1{font-size:2rem;line-height:1.15;margin:.1rem 0 .4rem;letter-spacing:-.02em}
h2{font-size:1.3rem;line-height:1.25;margin:0;letter-spacing:-.01em}
h2 small{font-size:.75rem;font-weight:500;color:var(--soft);margin-left:.4rem;letter-spacing:0;white-space:nowrap}
h3{font-size:1rem;margin:1.6rem 0 .5rem}
p{margin:.4rem 0}
.eyebrow{margin:0;color:var(--soft);font-size:.8rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase}
.period{color:var(--soft);margin-bottom:1.2rem}.period strong{color:var(--ink);font-weight:600}
dd,li,.period{overflow-wrap:anywhere}
.defs{position:absolute}
.hatch-back{fill:var(--hatch-back)}.hatch-line{fill:var(--hatch-line)}
section,.tiles>div,.empty{background:var(--paper);border:1px solid var(--line);border-radius:10px}
section{padding:clamp(.9rem,1.6vw,1.6rem);margin:0 0 1rem;scroll-margin-top:1rem}
.definition{color:var(--soft);font-size:.875rem;max-width:80ch;margin:.3rem 0 1rem}
.nothing,.empty{color:var(--soft)}.nothing{margin:.5rem 0}.empty{padding:3rem 1rem;text-align:center;font-size:1.1rem}
.verdict{font-weight:600;padding:.6rem .8rem;border-left:4px solid;background:var(--back);border-radius:0 6px 6px 0;margin:0 0 .8rem}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.7rem 1.5rem;margin:1rem 0 0}
.facts dt{color:var(--soft);font-size:.8rem}.facts dd{margin:0;font-variant-numeric:tabular-nums}
.notes{margin:1rem 0 0;padding-left:1.2rem}
details{margin:.8rem 0 0;font-size:.9rem}summary{cursor:pointer;font-weight:600}details ul{margin:.3rem 0;padding-left:1.2rem;columns:26rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,9.5rem),1fr));gap:.75rem;margin:0 0 1rem}
.tiles>div{padding:.8rem 1rem}
.tiles dt{color:var(--soft);font-size:.8rem}
.tiles dd{margin:0}.tiles b{display:block;font-size:1.6rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
code{font-size:.9em}
.tiles span{color:var(--soft);font-size:.78rem}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem;list-style:none;margin:0 0 1rem;padding:0;font-size:.875rem}
nav a{display:block;padding:.25rem .7rem;border:1px solid var(--line);border-radius:99px;background:var(--paper);color:var(--accent);text-decoration:none}
nav a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.beside{display:grid;gap:1rem 1.8rem;align-items:start}
.beside>*,.stacked>*{min-width:0}
.stacked>*+*{margin-top:1rem}
@media (min-width:64rem){.beside{grid-template-columns:repeat(2,minmax(0,1fr))}}
figure{margin:0}
.chart{container-type:inline-size}
.chart svg{display:block;width:100%;height:auto;font-size:12px;font-family:inherit;overflow:visible;border-radius:4px}
.chart text{fill:var(--soft);unicode-bidi:plaintext}
.chart .narrow{display:none}
@container (max-width:500px){.chart .wide{display:none}.chart .narrow{display:block}}
.chart .shown{stroke:var(--ink);stroke-width:1.5}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;margin:.4rem 0 0;padding:0;font-size:.8rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.4rem}
.swatch{width:.8em;height:.8em;flex:none}
.table{overflow:auto;max-height:20.5rem;border:1px solid var(--line);border-radius:6px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.8125rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
tbody tr:last-child>*{border-bottom:0}
tbody th{font-weight:500}
td bdi,tbody th bdi{display:inline-block;max-width:min(18rem,42vw);overflow-wrap:break-word}
tbody th[data-value]{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}td.number{white-space:nowrap}
thead th{position:sticky;top:0;background:var(--paper);padding:0;border-bottom:1px solid var(--axis)}
thead button{all:unset;box-sizing:border-box;display:block;width:100%;padding:.4rem .6rem;cursor:pointer;font-weight:600;color:var(--soft);line-height:1.25}
thead button:hover{color:var(--ink)}
thead button:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
[aria-sort] button{color:var(--ink)}
[aria-sort=ascending] button::after{content:" ↑"}[aria-sort=descending] button::after{content:" ↓"}
tbody tr:hover>*{background:var(--back)}
.more{padding:0 .6rem .3rem;color:var(--soft);font-size:.8rem}
#tip{position:fixed;z-index:2;max-width:min(22rem,90vw);padding:.45rem .65rem;border-radius:6px;background:var(--ink);color:var(--paper);font-size:.8rem;line-height:1.4;white-space:pre-line;overflow-wrap:anywhere;pointer-events:none}
#tip[hidden]{display:none}
footer{color:var(--soft);font-size:.8rem;padding-bottom:2rem}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{
  @page{margin:14mm}
  :root{font-size:10pt;color-scheme:light;
    --paper:#fff;--back:#fff;--ink:#111;--soft:#444;--good:#2f7d4f;--bad:#b3361f;--line:#ccc;--grid:#ddd;--axis:#888;--hatch-line:#777;--hatch-back:#eee;
    --series-1:#2a6bc4;--series-2:#c4620a;--series-3:#2f8558;--series-4:#8a4fc0;
    --series-5:#0e8292;--series-6:#c2357e;--series-7:#8a7a1c;--series-8:#6d7686;
    --heat-0:#f3f4f6;--heat-1:#d3e3f6;--heat-2:#a9c8ec;--heat-3:#78a8de;--heat-4:#4885cc;--heat-5:#2464b0;--heat-6:#113f7e}
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
  header,main,footer{max-width:none;padding:0}
  section{border:0;border-top:1px solid var(--line);border-radius:0;padding:1rem 0;margin:0}
  nav,#tip{display:none}
  .beside{display:block}
  figure{break-inside:avoid;margin-bottom:.8rem}
  .table{max-height:none;overflow:visible;border:0}
  table{font-size:8pt}thead th{position:static}thead button{padding:.15rem .3rem}
  td bdi,tbody th bdi{max-width:9rem}td bdi,tbody th bdi,thead button{overflow-wrap:anywhere;min-width:2.2rem}thead button{min-width:5rem}.stacked table{font-size:7pt}tbody th[data-value]{white-space:normal}.beside figure{max-width:135mm}tr{break-inside:avoid}
  th,td{padding:.15rem .3rem}tbody th{min-width:0}
  h2,h3,.definition{break-after:avoid}
}
`
