/**
 * The page at /docs: the API's description as a reference that can be tried. One document without anything from
 * elsewhere. The policy lets run what is in it and nothing else, and lets it talk to this API only; so even a rule's
 * name that holds markup could do nothing here.
 */
import { createHash } from "node:crypto"
import { DOCS_REFERENCE } from "./reference.ts"
import { DOCS_STYLE } from "./style.ts"
import { DOCS_TRIAL } from "./trial.ts"

/** A voice in five bars, in the accent colour of the style. */
const ICON = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%230d7a68' stroke-width='2.6' stroke-linecap='round'><path d='M3 10v4M7.5 7v10M12 3v18M16.5 7v10M21 10v4'/></svg>`

const html = (script: string, style: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Earshot API</title>
<link rel="icon" href="data:image/svg+xml,${ICON}">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the reference</a>
<header class="top">
  <a class="brand" href="#overview">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 10v4M7.5 7v10M12 3v18M16.5 7v10M21 10v4"/></svg>
    <span>Earshot</span>
  </a>
  <form id="token-form" class="token" autocomplete="off">
    <label for="token">Token</label>
    <input id="token" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-note">
    <button id="token-show" type="button" aria-pressed="false">Show</button>
    <span id="token-note" class="note">Stays in this tab.</span>
  </form>
</header>
<div class="frame">
  <nav id="contents" aria-label="Contents"></nav>
  <main id="main" tabindex="-1">
    <p id="loading" role="status">Reading the API’s description…</p>
    <noscript><p>This page needs JavaScript. The description itself is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>
  </main>
</div>
<script>${script}</script>
</body>
</html>
`

/** `policy` is the content-security-policy without which the page must not be served. */
export type DocsPage = { html: string; policy: string }

let page: DocsPage | null = null

/** Made for the first who asks for it: a cold start has no time for it. */
export function docsPage(): DocsPage {
  page ??= makePage()
  return page
}

function makePage(): DocsPage {
  const script = lean(`"use strict"\n${DOCS_TRIAL}${DOCS_REFERENCE}`)
  const style = lean(DOCS_STYLE).replace(/\s*([{};,:])\s*/g, "$1")
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // Where browsers know it, assigning text as markup throws.
    "require-trusted-types-for 'script'",
  ]
  return { html: html(script, style), policy: policy.join("; ") }
}

/** Without comments, indentation, and spaces that only people need. No text in it has two lines or an operator. */
function lean(source: string): string {
  return source
    .replace(/^\s+/gm, "")
    .replace(/^(\/\/|\/\*\*).*\n/gm, "")
    .replace(/([,({[])\n/g, "$1")
    .replace(/,?\n([)}\]])/g, "$1")
    .replace(/ (=>|===|!==|&&|\|\|) /g, "$1")
}

function sourceOf(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`
}
