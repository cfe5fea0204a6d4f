/**
 * The part of the page at /docs that runs in the browser and draws the description: each operation, the fields that a
 * condition may name, and the shapes of what is answered. It says nothing that /openapi.json does not say. It
 * continues `docs-trial.ts`, in the same script.
 */

export const DOCS_REFERENCE = String.raw`
const METHODS = ["get", "post", "put", "patch", "delete"]
let api = null

async function start() {
  setUpToken()
  try {
    const response = await fetch("/openapi.json", { credentials: "omit" })
    if (!response.ok) throw new Error("the answer was " + response.status)
    api = await response.json()
  } catch (error) {
    byId("loading").textContent = "The description at /openapi.json could not be read: " + error.message
    return
  }
  const operations = operationsOf(api)
  const bodies = new Set(operations.flatMap(({ bodySchema }) => (bodySchema ? [bodySchema] : [])))
  const shapes = Object.keys(api.components.schemas).filter((name) => name !== "Condition" && !bodies.has(name))
  byId("main").replaceChildren(
    overviewOf(api),
    ...api.tags.map((tag) => tagSection(tag, operations)),
    conditionSection(api.components.schemas.Condition),
    shapeSection(shapes),
    h("datalist", { id: "known-ids" }),
  )
  byId("contents").append(...contentsOf(operations, shapes))
  followReading()
  const target = location.hash.length > 1 && byId(location.hash.slice(1))
  if (target) target.scrollIntoView({ behavior: "instant" })
}

function operationsOf({ paths, security }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const spec = item[method]
      const content = spec.requestBody && spec.requestBody.content["application/json"]
      return {
        id: spec.operationId,
        path,
        method,
        spec,
        summary: spec.summary,
        parameters: [...(item.parameters || []), ...(spec.parameters || [])],
        isSecured: (spec.security || security).length > 0,
        bodySchema: content && refName(content.schema),
        example: content && content.example,
      }
    }),
  )
}

const refName = (schema) => (schema.$ref ? schema.$ref.split("/").at(-1) : undefined)
const titleOf = (name) => name[0].toUpperCase() + name.slice(1)

/** Links to where a schema is drawn. */
function shapeLink(name) {
  return h("a", { href: name === "Condition" ? "#conditions" : "#shape-" + name }, name)
}

function overviewOf({ info, components }) {
  const scheme = components.securitySchemes.token
  return h(
    "section",
    { id: "overview" },
    h("h1", {}, "The HTTP API ", h("span", { class: "note" }, info.version)),
    h("p", { class: "lead" }, info.description),
    h(
      "dl",
      { class: "facts" },
      h("dt", {}, "Token"),
      h("dd", {}, scheme.description, " Sent as ", code("Authorization: Bearer <token>"), "."),
      h("dt", {}, "Edits"),
      h(
        "dd",
        {},
        "What can be edited is answered with an ",
        code("etag"),
        ". Send it back as ",
        code("If-Match"),
        ", and nobody’s newer edit is overwritten.",
      ),
      h("dt", {}, "Errors"),
      h("dd", {}, "Every error is a ", shapeLink("Problem"), ": what is wrong, where, and what would be right."),
      h("dt", {}, "Description"),
      h("dd", {}, h("a", { href: "/openapi.json" }, "/openapi.json"), ", OpenAPI 3.1"),
    ),
  )
}

function tagSection({ name, description }, operations) {
  return h(
    "section",
    { id: "tag-" + name },
    h("h2", {}, titleOf(name)),
    h("p", {}, description),
    operations.filter(({ spec }) => spec.tags.includes(name)).map(operationArticle),
  )
}

const drawnBodies = new Set()

function operationArticle(operation) {
  const { id, method, path, spec, summary, parameters, isSecured, bodySchema } = operation
  const isFirst = !drawnBodies.has(bodySchema)
  drawnBodies.add(bodySchema)
  return h(
    "article",
    { id, class: "pair" },
    h(
      "div",
      {},
      h("h3", {}, h("span", { class: "verb " + method }, method.toUpperCase()), code(path)),
      h("p", {}, summary, ". ", !isSecured && h("span", { class: "note" }, "No token is needed.")),
      parameters.length > 0 && [h("h4", {}, "Parameters"), parameterTable(parameters)],
      bodySchema && [
        h("h4", {}, "Body"),
        h("details", { open: isFirst }, h("summary", {}, bodySchema), shapeTable(bodySchema, true)),
      ],
      h("h4", {}, "Answers"),
      responseNodes(Object.entries(spec.responses)),
    ),
    trialOf(operation),
  )
}

/** The roles are said because the narrow style takes a table's display away, and browsers its meaning with it. */
function table(caption, heads, rows, attributes) {
  const head = (text) => h("th", { scope: "col", role: "columnheader" }, text)
  const cell = (content, index) =>
    index === 0 ? h("th", { scope: "row", role: "rowheader" }, content) : h("td", { role: "cell" }, content)
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "stack", role: "table", ...attributes },
      h("caption", { class: "hidden" }, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(head))),
      h("tbody", { role: "rowgroup" }, rows.map((cells) => h("tr", { role: "row" }, cells.map(cell)))),
    ),
  )
}

/** Callers need to know what they must send, readers what may be missing. */
function nameCell(name, isRequired, isSent) {
  const mark = isSent && isRequired ? h("span", { class: "must" }, "required") : null
  return [code(name), " ", isSent || isRequired ? mark : h("span", { class: "kind" }, "may be absent")]
}

function parameterTable(parameters) {
  const rows = parameters.map(({ name, in: where, required, description, schema }) => [
    nameCell(name, required, true),
    h("span", { class: "kind" }, "in the " + where),
    h("p", {}, description, description && " ", limitsOf(schema)),
  ])
  return table("Parameters", ["Name", "Where", "Meaning"], rows)
}

/** Errors are folded: most operations have the same. */
function responseNodes(responses) {
  const isError = ([, { content }]) => content !== undefined && Object.keys(content).every((type) => type.includes("problem"))
  const errors = responses.filter(isError)
  return [
    responseTable("Answers", responses.filter((response) => !isError(response))),
    h(
      "details",
      {},
      h("summary", {}, "Errors: ", errors.map(([status], index) => [index > 0 && ", ", code(status)])),
      responseTable("Errors", errors),
    ),
  ]
}

function responseTable(caption, responses) {
  const rows = responses.map(([status, { description, headers, content }]) => [
    h("span", { class: "status s" + status[0] }, status),
    h("p", {}, description, headers && h("span", { class: "kind" }, " With ", Object.keys(headers).join(", "), ".")),
    Object.values(content || {}).map(({ schema }, index) => [index > 0 && " or ", shapeLink(refName(schema))]),
  ])
  return table(caption, ["Status", "When", "Body"], rows)
}

function shapeTable(name, isSent) {
  const rows = memberRows(api.components.schemas[name], "", isSent)
  return table("Members of " + name, ["Name", "Type", "Meaning"], rows)
}

/** A row for each member, and below it for the members of its members. */
function memberRows(schema, prefix, isSent) {
  const required = new Set(schema.required || [])
  return Object.entries(schema.properties || {}).flatMap(([name, member]) => {
    const path = prefix + name
    const limits = isSent && [" ", defaultNodes(member), limitsOf(member)]
    const row = [
      nameCell(path, required.has(name), isSent),
      h("span", { class: "kind" }, typeNodes(member)),
      h("p", {}, member.description, limits),
    ]
    const inner = [member, ...(member.anyOf || [])].find((part) => part.properties || part.items)
    if (!inner) return [row]
    const below = inner.items ? memberRows(inner.items, path + "[].", isSent) : memberRows(inner, path + ".", isSent)
    return [row, ...below]
  })
}

function typeNodes(schema) {
  if (schema.$ref) return shapeLink(refName(schema))
  if (schema.anyOf) return schema.anyOf.map((part, index) => [index > 0 && " or ", typeNodes(part)])
  if (schema.enum) return schema.enum.map((value, index) => [index > 0 && " | ", code(String(value))])
  if (schema.type === "array") return ["list of ", typeNodes(schema.items)]
  const text = [schema.type || "anything"].flat().join(" or ")
  return schema.format ? text + ", " + schema.format : text
}

function defaultNodes(schema) {
  return schema.default === undefined ? null : ["Default: ", code(String(schema.default)), ". "]
}

function limitsOf({ minLength, maxLength, minItems, maxItems, pattern }) {
  const range = (least, most, what) =>
    most === undefined ? null : (least === undefined ? "At most " : least + " to ") + most + " " + what + ". "
  return [
    range(minLength, maxLength, "characters"),
    range(minItems, maxItems, "items"),
    pattern && ["Matches ", code(pattern), "."],
  ]
}

function conditionSection(schema) {
  const isField = ([, property]) => property.anyOf !== undefined
  const entries = Object.entries(schema.properties)
  const fields = entries.filter(isField).map(([name, property]) => fieldOf(name, property))
  const combining = entries.filter((entry) => !isField(entry))
  const drawn = table(
    "Fields that a condition may name",
    ["Field", "Type", "Operators", "Meaning"],
    fields.map(({ name, type, operators, about }) => [
      code(name),
      h("span", { class: "kind" }, type),
      h("span", { class: "ops" }, operators.map((operator) => [code(operator), " "])),
      about,
    ]),
    { id: "fields" },
  )
  const count = h("span", { class: "note", role: "status" })
  const search = h("input", { id: "field-search", type: "search", autocomplete: "off", oninput: filter })

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/)
    const rows = drawn.querySelectorAll("tbody tr")
    let shown = 0
    for (const [index, { text }] of fields.entries()) {
      const isShown = words.every((word) => text.includes(word))
      rows[index].hidden = !isShown
      if (isShown) shown += 1
    }
    count.textContent = shown === fields.length ? shown + " fields" : shown + " of " + fields.length + " fields"
  }
  filter()
  return h(
    "section",
    { id: "conditions" },
    h("h2", {}, "Conditions"),
    h("p", {}, schema.description),
    (schema.examples || []).map((example) => codeBlock("Example of a condition", jsonNodes(example))),
    h("h3", { class: "minor" }, "Combining"),
    table("Combining conditions", ["Key", "Meaning"], combining.map(([name, part]) => [code(name), part.description])),
    h("div", { class: "search" }, h("label", { for: "field-search" }, "Find a field"), search, count),
    drawn,
  )
}

function fieldOf(name, { anyOf, description }) {
  const [value, { properties }] = anyOf
  const operators = Object.keys(properties)
  // Without eq, what is compared is one of several values.
  const type = operators.includes("eq") ? value.type : "list of " + value.type + "s"
  return { name, type, operators, about: description, text: [name, type, ...operators, description].join(" ").toLowerCase() }
}

function shapeSection(names) {
  return h(
    "section",
    { id: "shapes" },
    h("h2", {}, "What is answered"),
    names.map((name) => {
      const schema = api.components.schemas[name]
      return h(
        "article",
        { id: "shape-" + name },
        h("h3", {}, name),
        schema.description && h("p", {}, schema.description),
        shapeTable(name, false),
        (schema.examples || []).map((example) => codeBlock("Example of " + name, jsonNodes(example))),
      )
    }),
  )
}

function contentsOf(operations, shapes) {
  const link = (id, ...text) => h("li", {}, h("a", { href: "#" + id }, text))
  const group = (title, links) => [h("h2", {}, title), h("ul", {}, links)]
  return [
    h("ul", {}, link("overview", "Overview")),
    ...api.tags.flatMap(({ name }) =>
      group(
        titleOf(name),
        operations
          .filter(({ spec }) => spec.tags.includes(name))
          .map(({ id, method, path }) =>
            link(id, h("b", { class: "verb " + method }, method === "delete" ? "DEL" : method.toUpperCase()), h("span", {}, path)),
          ),
      ),
    ),
    ...group("Reference", [link("conditions", "Conditions"), ...shapes.map((name) => link("shape-" + name, name))]),
  ]
}

/** Marks in the contents what is being read. */
function followReading() {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href").slice(1), link]))
  const seen = new IntersectionObserver(
    (entries) => {
      const entry = entries.find(({ isIntersecting }) => isIntersecting)
      if (!entry) return
      for (const [id, link] of links) {
        if (id === entry.target.id) link.setAttribute("aria-current", "true")
        else link.removeAttribute("aria-current")
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  )
  for (const id of links.keys()) if (byId(id)) seen.observe(byId(id))
}

start()
`
