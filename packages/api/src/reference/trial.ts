/**
 * The part of the page at /docs that runs in the browser and sends requests: a form for each operation, and what is
 * answered. Plain JavaScript in a text, because its digest is in the policy and a bundler must not change it; it
 * knows only what the description says. Everything from elsewhere becomes a text node, never markup.
 */

export const DOCS_TRIAL = String.raw`
const ANSWER_CHARACTERS_MAX = 200000
const TIMEOUT_MS = 30000
const TOKEN_KEY = "earshot-token"
const HEADERS_FIRST = ["etag", "location", "www-authenticate", "content-type"]

/** An element; attributes named on… are listeners, children may be nested lists. */
function h(tag, attributes, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? "" : value)
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false))
  return node
}

const code = (text) => h("code", {}, text)
const byId = (id) => document.getElementById(id)

/** A block of code that can be scrolled with the keyboard. */
function codeBlock(label, children, style) {
  return h("pre", { tabindex: "0", role: "group", "aria-label": label, class: style }, children)
}

/** Indented, but what fits is left on one line. */
function pretty(value, indent) {
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ")
  if (value === null || typeof value !== "object" || line.length < 60) return line
  const inner = indent + "  "
  const parts = Array.isArray(value)
    ? value.map((item) => inner + pretty(item, inner))
    : Object.entries(value).map(([key, item]) => inner + JSON.stringify(key) + ": " + pretty(item, inner))
  const [open, close] = Array.isArray(value) ? "[]" : "{}"
  return open + "\n" + parts.join(",\n") + "\n" + indent + close
}

/** In colours. */
function jsonNodes(value) {
  const text = pretty(value, "")
  const word = /("(?:[^"\\]|\\.)*")(:?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g
  const nodes = []
  let end = 0
  for (const match of text.matchAll(word)) {
    nodes.push(text.slice(end, match.index))
    const kind = match[2] ? "k" : match[1] ? "t" : "v"
    nodes.push(h("span", { class: kind }, match[1] || match[0]), match[2] || "")
    end = match.index + match[0].length
  }
  return [...nodes, text.slice(end)]
}

let token = ""

function setUpToken() {
  const input = byId("token")
  const show = byId("token-show")
  // A browser that forbids storage keeps the token for as long as the page is open.
  try {
    token = sessionStorage.getItem(TOKEN_KEY) || ""
  } catch {}
  input.value = token
  input.addEventListener("input", () => {
    token = input.value.trim()
    try {
      sessionStorage.setItem(TOKEN_KEY, token)
    } catch {}
  })
  show.addEventListener("click", () => {
    const isShown = input.getAttribute("type") === "text"
    input.setAttribute("type", isShown ? "password" : "text")
    show.setAttribute("aria-pressed", String(!isShown))
  })
  byId("token-form").addEventListener("submit", (event) => event.preventDefault())
}

/** By method and path: how to put an answer into another operation's form. */
const forms = new Map()

function trialOf(operation) {
  const inputs = operation.parameters.map((parameter) => inputOf(operation, parameter))
  const example = operation.example === undefined ? null : pretty(operation.example, "")
  const bodyId = operation.id + "-body"
  const hint = h("p", { class: "note", id: bodyId + "-hint", role: "status" })
  const body =
    example !== null &&
    h("textarea", {
      id: bodyId,
      rows: Math.min(22, example.split("\n").length + 1),
      spellcheck: "false",
      "aria-describedby": bodyId + "-hint",
      oninput: () => changed(),
      onkeydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit()
      },
    })
  if (body) body.value = example
  const send = h("button", { class: "main", type: "submit" }, "Send")
  const reset = body && h("button", { type: "button", onclick: () => refill(example) }, "Reset body")
  const status = h("p", { role: "status" })
  const details = h("div", {})
  const answer = h("div", { class: "answer", hidden: true }, status, details)
  const curl = codeBlock("The same request with curl", [], "wrap")
  const copy = h("button", { type: "button", onclick: () => copyText(curl.textContent, copy) }, "Copy")
  const form = h(
    "form",
    { class: "try", "aria-label": "Try " + operation.summary, autocomplete: "off", oninput: () => changed() },
    h("h4", {}, "Try it"),
    inputs.map(({ field }) => field),
    body && h("div", { class: "field" }, h("label", { for: bodyId }, "Body, JSON"), body, hint),
    h("div", { class: "row" }, send, reset, body && h("span", { class: "note" }, "Ctrl + Enter sends")),
    h("details", {}, h("summary", {}, "As curl"), curl, h("p", {}, copy)),
    answer,
  )
  let isBusy = false

  function request() {
    const values = new Map(inputs.map(({ parameter, input }) => [parameter.name, input.value.trim()]))
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.get(name)))
    const headers = inputs
      .filter(({ parameter, input }) => parameter.in === "header" && input.value.trim() !== "")
      .map(({ parameter, input }) => [parameter.name.toLowerCase(), input.value.trim()])
    return { url: location.origin + path, headers, body: body ? body.value : undefined }
  }

  function changed() {
    const mistake = body ? mistakeOf(body.value) : null
    hint.textContent = mistake || ""
    hint.setAttribute("class", mistake ? "note bad" : "note")
    curl.textContent = curlOf(operation, request())
  }

  function refill(text) {
    body.value = text
    changed()
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    answer.hidden = false
    status.replaceChildren("Sending…")
    details.replaceChildren()
    const { url, headers, body: text } = request()
    const sent = new Headers(headers)
    if (operation.isSecured && token !== "") sent.set("authorization", "Bearer " + token)
    if (text !== undefined) sent.set("content-type", "application/json")
    const startedAt = performance.now()
    try {
      const response = await fetch(url, {
        method: operation.method.toUpperCase(),
        headers: sent,
        body: text,
        credentials: "omit",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const answered = await response.text()
      const elapsedMs = Math.round(performance.now() - startedAt)
      status.replaceChildren(...statusNodes(response, elapsedMs))
      details.replaceChildren(...answerNodes(operation, response, answered))
    } catch (error) {
      status.replaceChildren(h("span", { class: "status s0" }, "No answer"), " ", String(error.message))
    }
    isBusy = false
  })

  /** Focuses what is to be done next; sends nothing. */
  function fill(values) {
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") input.value = values.id
      if (parameter.name.toLowerCase() === "if-match") input.value = values.etag
    }
    if (body) refill(pretty(values.body, ""))
    changed()
    const next = body || send
    next.focus({ preventScroll: true })
    form.scrollIntoView({ block: "center" })
  }
  forms.set(operation.method + " " + operation.path, fill)
  changed()
  return form
}

/** Only reading starts with the example's id: nothing that exists is to be changed by trying the page. */
function inputOf(operation, parameter) {
  const id = operation.id + "-" + parameter.name.toLowerCase()
  const example = parameter.example === undefined ? "" : String(parameter.example)
  const input = h("input", {
    id,
    required: parameter.required,
    placeholder: parameter.required ? example : "optional",
    spellcheck: "false",
    list: parameter.in === "path" ? "known-ids" : null,
  })
  if (operation.method === "get") input.value = example
  return { parameter, input, field: h("div", { class: "field" }, h("label", { for: id }, parameter.name), input) }
}

function mistakeOf(text) {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return "Not JSON yet: " + error.message
  }
}

/** The token stays out of it: shells keep what is typed into them. */
function curlOf(operation, { url, headers, body }) {
  const quote = (text) => "'" + text.replaceAll("'", "'\\''") + "'"
  const method = operation.method.toUpperCase()
  const isPlain = method === "GET" || (method === "POST" && body !== undefined)
  const parts = ["curl -i" + (isPlain ? "" : " -X " + method) + " " + quote(url)]
  if (operation.isSecured) parts.push('-H "authorization: Bearer $API_TOKEN"')
  for (const [name, value] of headers) parts.push("-H " + quote(name + ": " + value))
  if (body !== undefined) parts.push("-d " + quote(mistakeOf(body) ? body : JSON.stringify(JSON.parse(body))))
  return parts.join(" \\\n  ")
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = "Copied"
  } catch {
    button.textContent = "Could not copy"
  }
  setTimeout(() => (button.textContent = "Copy"), 2000)
}

function statusNodes(response, elapsedMs) {
  const style = "status s" + String(response.status)[0]
  return [
    h("span", { class: style }, response.status + " " + response.statusText),
    h("span", { class: "note" }, " after " + elapsedMs + " ms"),
  ]
}

function answerNodes(operation, response, text) {
  const value = valueOf(text)
  rememberIds(value)
  const all = [...response.headers]
  const first = HEADERS_FIRST.flatMap((name) => all.filter(([known]) => known === name))
  const rest = all.filter(([name]) => !HEADERS_FIRST.includes(name))
  const list = (headers) =>
    h("dl", { class: "headers" }, headers.map(([name, content]) => [h("dt", {}, name), h("dd", {}, content)]))
  const isProblem = (response.headers.get("content-type") || "").includes("problem+json")
  return [
    isProblem && value ? problemNode(response, value) : null,
    list(first),
    rest.length > 0 && h("details", {}, h("summary", {}, rest.length + " more headers"), list(rest)),
    text !== "" && codeBlock("The answer’s body", bodyNodes(value, text), "wrap"),
    nextSteps(operation, response, value),
  ].filter(Boolean)
}

function valueOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bodyNodes(value, text) {
  if (text.length > ANSWER_CHARACTERS_MAX) return text.slice(0, ANSWER_CHARACTERS_MAX) + "… (cut here)"
  return value === undefined ? text : jsonNodes(value)
}

function problemNode(response, { detail, errors }) {
  const rows = (Array.isArray(errors) ? errors : []).map(({ path, message }) =>
    h("li", {}, code(path === "" ? "the body" : String(path)), " ", String(message)),
  )
  return h(
    "div",
    { class: "problem" },
    h("p", {}, String(detail)),
    rows.length > 0 && h("ul", {}, rows),
    response.status === 401 && h("p", {}, h("a", { href: "#token" }, "Enter the token"), " at the top of the page."),
  )
}

/** Offers what was answered to the forms that ask for an id. */
function rememberIds(value) {
  if (value === null || typeof value !== "object") return
  const lists = Object.values(value).filter(Array.isArray)
  const ids = [value, ...lists.flat()].flatMap((item) => (item && typeof item.id === "string" ? [item.id] : []))
  if (ids.length > 0) byId("known-ids").replaceChildren(...ids.map((id) => h("option", { value: id })))
}

function nextSteps(operation, response, value) {
  const etag = response.headers.get("etag")
  if (!response.ok || !value || typeof value.id !== "string" || !etag) return null
  const path = operation.path.includes("{id}") ? operation.path : operation.path + "/{id}"
  const steps = [
    ["put", "Edit it"],
    ["delete", "Delete it"],
  ].filter(([method]) => forms.has(method + " " + path))
  const go = (method) => forms.get(method + " " + path)({ id: value.id, etag, body: value })
  const buttons = steps.map(([method, text]) => h("button", { type: "button", onclick: () => go(method) }, text + " …"))
  return buttons.length > 0 ? h("p", { class: "row" }, buttons) : null
}
`
