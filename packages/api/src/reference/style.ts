/** The look of the page at /docs: one column of reference beside one to try it in, on a phone one above the other. */

export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #17211e; --soft: #55625d; --line: #dfe3dc; --paper: #fafaf6; --card: #ffffff; --well: #f1f3ed;
  --accent: #0b6b5b; --on-accent: #ffffff; --tint: #e3f1ec;
  --get: #0b5f8a; --post: #1b6b34; --put: #8a5200; --delete: #b02a2a;
  --key: #0b5f8a; --text: #1b6b34; --value: #8a3ea3;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4eae7; --soft: #9daba5; --line: #2b3531; --paper: #101513; --card: #171d1b; --well: #0b0f0d;
    --accent: #5fd0b7; --on-accent: #06231d; --tint: #16312b;
    --get: #79c0ec; --post: #7fd08f; --put: #efb45f; --delete: #ff9a92;
    --key: #79c0ec; --text: #9fd8a8; --value: #dba6ee;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
h1 { font-size: 2.1rem; letter-spacing: -0.025em; }
h2 { font-size: 1.45rem; letter-spacing: -0.015em; }
h3 { font-size: 1.15rem; }
h4, h3.minor { font-size: .8rem; color: var(--soft); margin: 1.6rem 0 .5rem; font-weight: 600; }
p { margin: .5rem 0; max-width: 68ch; }
a { color: var(--accent); text-underline-offset: .18em; }
code, pre { font-family: var(--mono); font-size: .86em; }
code { overflow-wrap: break-word; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .6rem; z-index: 9; background: var(--card); padding: .5rem 1rem; }
.note { color: var(--soft); font-size: .85rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

.top { position: sticky; top: 0; z-index: 5; display: flex; gap: .75rem 2rem; align-items: center;
  justify-content: space-between; flex-wrap: wrap; padding: .6rem clamp(1rem, 2.5vw, 2rem);
  background: var(--paper); border-bottom: 1px solid var(--line); }
.brand { display: flex; gap: .6rem; align-items: center; color: var(--ink); text-decoration: none; font-weight: 700;
  font-size: 1.1rem; letter-spacing: -0.01em; }
.brand svg { width: 1.7rem; height: 1.7rem; fill: none; stroke: var(--accent); stroke-width: 2.4; stroke-linecap: round; }
.token { display: flex; gap: .5rem; align-items: center; flex-wrap: wrap; }
.token label { font-weight: 600; font-size: .9rem; }
.token input { width: 15rem; }

input, textarea, button { font: inherit; color: inherit; }
input, textarea { background: var(--card); border: 1px solid var(--soft); border-radius: 6px; padding: .4rem .6rem;
  width: 100%; min-height: 2.4rem; }
input { font-family: var(--mono); font-size: .88rem; }
::placeholder { color: var(--soft); opacity: 1; }
textarea { display: block; font-family: var(--mono); font-size: .84rem; line-height: 1.5; resize: vertical; tab-size: 2; }
button { cursor: pointer; background: var(--card); border: 1px solid var(--soft); border-radius: 6px;
  padding: .4rem .85rem; min-height: 2.4rem; font-size: .9rem; }
button:hover { border-color: var(--accent); color: var(--accent); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; padding: .4rem 1.3rem; }
button.main:hover { filter: brightness(1.08); color: var(--on-accent); }

.frame { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 90rem; margin: 0 auto; }
nav { position: sticky; top: 3.7rem; align-self: start; max-height: calc(100vh - 3.7rem); overflow-y: auto;
  padding: 2rem 1rem 2rem clamp(1rem, 2.5vw, 2rem); font-size: .9rem; }
nav h2 { font-size: .8rem; color: var(--soft); letter-spacing: 0; font-weight: 600; margin: 1.3rem 0 .3rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: flex; gap: .5rem; padding: .28rem .6rem; margin-left: -.6rem; border-radius: 6px; color: var(--ink);
  text-decoration: none; }
nav a:hover { background: var(--well); }
nav a[aria-current] { background: var(--tint); }
nav b { flex: 0 0 3.1em; }
main { padding: 2.4rem clamp(1rem, 2.5vw, 2.5rem) 6rem; min-width: 0; }
section { margin-bottom: 3.5rem; }
section > p:first-of-type { margin-top: .35rem; }
article { border-top: 1px solid var(--line); margin-top: 1.75rem; padding-top: 1.75rem; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: 1.5rem 2.5rem; align-items: start; }
.lead { font-size: 1.12rem; }
.facts { display: grid; gap: .3rem 1.5rem; grid-template-columns: max-content minmax(0, 62ch); margin: 1.4rem 0 0; }
.facts dt { font-weight: 600; }
.facts dd { margin: 0; }

.verb { font: 700 .76rem/1 var(--mono); letter-spacing: .02em; color: var(--soft); align-self: center; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
h3 .verb { display: inline-block; border: 1.5px solid; border-radius: 5px; padding: .25rem .45rem; margin-right: .6rem;
  vertical-align: .12em; }
h3 code { font-size: 1.02rem; font-weight: 600; }

.scroll { overflow-x: auto; }
h3 + .scroll { margin-top: .7rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .42rem .9rem .42rem 0; border-bottom: 1px solid var(--line); }
thead th:first-child { width: 1%; padding-right: 1.4rem; white-space: nowrap; }
thead th { font-size: .8rem; color: var(--soft); font-weight: 600; padding-top: 0; }
tbody th { font-weight: 400; white-space: nowrap; padding-right: 1.4rem; }
tbody th code { font-weight: 600; }
.must { color: var(--delete); font-size: .78rem; white-space: nowrap; }
td .kind { white-space: nowrap; }
.kind { color: var(--soft); font-size: .84rem; }
td p { margin: 0; }
summary { cursor: pointer; padding: .35rem 0; font-size: .9rem; }
.status { font: 700 .84rem/1 var(--mono); white-space: nowrap; }
.s2 { color: var(--post); } .s3 { color: var(--get); } .s4 { color: var(--put); } .s5, .s0 { color: var(--delete); }

.try { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.1rem 1.1rem; }
.try h4 { margin-top: 0; }
.field { margin-bottom: .8rem; }
.field label { display: block; font-size: .87rem; font-weight: 600; margin-bottom: .2rem; }
.field .note { margin: .25rem 0 0; }
.bad { color: var(--delete); }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.row .note { margin-left: auto; }
pre { margin: .5rem 0 0; padding: .8rem .9rem; background: var(--well); border-radius: 8px; overflow: auto;
  max-height: 30rem; line-height: 1.5; }
.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
.answer { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: .9rem; }
.answer .status { font-size: 1rem; }
.headers { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 1rem; margin: .5rem 0 0;
  font: .82rem/1.6 var(--mono); }
.headers dt { color: var(--soft); }
.headers dd { margin: 0; overflow-wrap: anywhere; }
.problem { border: 1px solid var(--put); border-radius: 8px; padding: .7rem .9rem; margin-top: .7rem; }
.problem p { margin: 0; }
.problem ul { margin: .5rem 0 0; padding: 0; list-style: none; }
.problem li { padding: .3rem 0; border-top: 1px solid var(--line); font-size: .92rem; }
.k { color: var(--key); } .t { color: var(--text); } .v { color: var(--value); }
.search { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; margin: 1.2rem 0 .8rem; }
.search label { font-weight: 600; font-size: .9rem; }
.search input { width: 20rem; max-width: 100%; }
.ops { display: block; min-width: 22.5rem; margin-right: -.3rem; }
.ops code { display: inline-block; background: var(--well); border-radius: 4px; padding: 0 .35em; font-size: .78rem; }

@media (max-width: 76rem) { .pair { grid-template-columns: minmax(0, 1fr); } .try { max-width: 44rem; } }
@media (max-width: 52rem) {
  html { scroll-padding-top: 1rem; }
  h1 { font-size: 1.75rem; }
  .top { position: static; }
  .token { width: 100%; }
  .token input { flex: 1; width: auto; min-width: 6rem; }
  .token .note { flex-basis: 100%; }
  .frame { display: block; }
  nav { position: static; max-height: none; padding: 1rem 1rem 0; display: flex; flex-wrap: wrap; gap: .4rem; }
  nav ul { display: contents; }
  .stack thead, nav h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  nav a, nav a[aria-current] { min-height: 2.4rem; align-items: center; margin: 0; border: 1px solid var(--line);
    background: var(--card); font-size: .85rem; }
  nav b { flex: none; }
  .ops { min-width: 0; margin: .2rem 0; }
  main { padding-top: 1.5rem; }
  .facts { grid-template-columns: minmax(0, 1fr); }
  .facts dd { margin-bottom: .7rem; }
  input, textarea { font-size: 1rem; }
  table.stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; border: 0; padding: 0; }
  .row .note { display: none; }
  .stack tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`
