/**
 * Keeps the docs true: what they name exists, and nothing people need to know is left out. Wording is up to people;
 * files, commands, variables, fields, limits, alarms and log events are checked here.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { FIELD_EXAMPLES } from "../packages/api/src/field-example.ts"
import { Health } from "../packages/api/src/health-view.ts"
import { Delivery } from "../packages/core/src/alert/delivery.ts"
import { Facts } from "../packages/core/src/call/facts.ts"
import { Privacy } from "../packages/core/src/channel/channel.ts"
import { ruleSentence } from "../packages/core/src/message/rule-sentence.ts"
import { parseCondition } from "../packages/core/src/rule/condition.ts"
import { DEFAULT_RULES } from "../packages/core/src/rule/default-rule.ts"
import { evaluate } from "../packages/core/src/rule/evaluation.ts"
import { FIELDS } from "../packages/core/src/rule/field.ts"
import { OPERATORS } from "../packages/core/src/rule/operand.ts"
import { RuleInput } from "../packages/core/src/rule/rule.ts"
import { EXAMPLE_CALL } from "../packages/emulators/src/example.ts"
import { FIRST_CONTROL } from "../packages/core/src/turn/control.ts"
import {
  apiVariables,
  pollerVariables,
  readApiConfig,
  readPollerConfig,
} from "../packages/functions/src/config.ts"
import { BULLETIN_SAMPLES } from "../packages/local/src/gallery/bulletin-sample.ts"
import { pictureOf } from "../packages/local/src/gallery/page.ts"
import { SAMPLES } from "../packages/local/src/gallery/sample.ts"
import { emptyReport } from "../packages/poller/src/report.ts"
import { alarmsFor } from "../stacks/alarm.ts"
import { SETTING_NAMES } from "../stacks/settings-file.ts"
import { rereadWithin } from "../packages/simulation/src/ledger/promise.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
}).split("\n")

const read = (file: string) => readFileSync(path.join(root, file), "utf8")

const readAll = (pattern: RegExp) =>
  files.filter((file) => pattern.test(file) && existsSync(path.join(root, file))).map(read)

const README = read("README.md")

const DESIGN = read("docs/design.md")

const OPERATIONS = read("docs/operations.md")

const RULES = read("docs/rules.md")

const docs = files.filter((file) => /^(README|CONTRIBUTING|CHANGELOG)\.md$|^docs\/.*\.md$/.test(file))

const decisions = docs.filter((file) => file.startsWith("docs/decisions/"))

/** The rows of the first table under a heading, each as the texts of its cells. */
function tableUnder(text: string, heading: string): string[][] {
  const lines = text.split("\n")
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`There is no heading "${heading}".`)
  const first = lines.findIndex((line, index) => index > start && line.startsWith("|"))
  const end = lines.findIndex((line, index) => index > first && !line.startsWith("|"))
  return lines.slice(first + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  )
}

/** Everything in backticks. */
function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "")
}

function firstColumn(rows: string[][]): string[] {
  return rows.flatMap(([cell = ""]) => codeIn(cell)).sort()
}

/** The first group of every match, each once. */
function found(text: string, pattern: RegExp): string[] {
  return [
    ...new Set([...text.matchAll(pattern)].flatMap((match) => match.slice(1).find(Boolean) ?? [])),
  ].sort()
}

function slugsOf(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  )
}

describe("what the docs point at is there:", () => {
  const withoutBlocks = (file: string) => read(file).replace(/^ *```[\s\S]*?^ *```$/gm, "")

  test.each(docs)("the links of %s", (file) => {
    const links = [...withoutBlocks(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "")
    const broken = links
      .filter((link) => !link.startsWith("https://"))
      .filter((link) => {
        const [target = "", anchor] = link.split("#")
        const linked = target === "" ? file : path.join(path.dirname(file), target)
        if (!existsSync(path.join(root, linked))) return true
        return anchor !== undefined && !slugsOf(linked).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  test.each(docs)("the files that %s names", (file) => {
    const names = codeIn(withoutBlocks(file)).filter((code) =>
      /^(packages|stacks|test|docs|scripts|\.ci)\/[\w./-]*$|^[\w.-]+\.(ts|mjs|md|json|yaml)$/.test(code),
    )
    const missing = names.filter((name) =>
      name.includes("/")
        ? !existsSync(path.join(root, name))
        : !files.some((known) => path.basename(known) === name),
    )
    expect(missing).toEqual([])
  })

  test("the picture of an alert, and those of every kind of message, and they are small", () => {
    const gallery = [...SAMPLES, ...BULLETIN_SAMPLES].map((sample) => `docs/gallery/${pictureOf(sample)}.png`)
    for (const picture of ["docs/alert.png", ...gallery])
      expect(statSync(path.join(root, picture)).size, picture).toBeLessThan(150_000)
    expect(files.filter((file) => /^docs\/gallery\/.*\.png$/.test(file)).sort()).toEqual(gallery.sort())
    for (const picture of gallery)
      expect(read("docs/gallery/README.md")).toContain(`(${path.basename(picture)})`)
  })
})

describe("commands", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts)
  const command = (script: string) => (/^(start|test)$/.test(script) ? `npm ${script}` : `npm run ${script}`)

  test("are all in the README, and only those that there are", () => {
    const described = tableUnder(README, "## Commands").map(([cell = ""]) => codeIn(cell)[0] ?? "")
    expect(described.sort()).toEqual(scripts.map(command).sort())
  })

  test.each(docs)("that %s names exist", (file) => {
    expect(scripts).toEqual(
      expect.arrayContaining(found(read(file), /\bnpm (?:run ([a-z][\w-]*)|(start|test)\b)/g)),
    )
  })
})

describe("variables", () => {
  const rows = tableUnder(README, "## Variables")
  const described = firstColumn(rows)
  const config = found(read("packages/functions/src/config.ts"), /^ +([A-Z][A-Z0-9_]{3,}): (?!")/gm)
  const deploy = SETTING_NAMES
  const commands = found(read("packages/local/src/local-config.ts"), /^ +([A-Z][A-Z0-9_]{3,}): (?!")/gm)

  test("are all in the README, and only those that are read", () => {
    expect(config).toEqual(expect.arrayContaining([...pollerVariables, ...apiVariables]))
    const own = described.filter((name) => !name.startsWith("AWS_"))
    expect(own).toEqual([...new Set([...config, ...deploy, ...commands])].sort())
  })

  test("have the defaults that the README says", () => {
    const needed = {
      ECHOWIN_API_KEY: "ew_test",
      TABLE_NAME: "earshot",
      ALERT_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
    }
    const unset = readPollerConfig(needed)
    expect(unset.ok).toBe(true)
    const settings = rows.filter(([name = ""]) => config.includes(codeIn(name)[0] ?? ""))
    for (const [name = "", byDefault = ""] of settings) {
      const [variable = ""] = codeIn(name)
      const [value] = codeIn(byDefault)
      if (value !== undefined)
        expect(readPollerConfig({ ...needed, [variable]: value }), variable).toEqual(unset)
    }
  })

  test("that are required are those that are missed", () => {
    const required = rows
      .filter(([, byDefault]) => byDefault === "required")
      .map(([name = ""]) => codeIn(name)[0] ?? "")
    const problems = [readPollerConfig({}), readApiConfig({})].flatMap((answer) =>
      answer.ok ? [] : answer.problems,
    )
    const missed = found(problems.join("\n"), /^([A-Z_]+) is missing/gm)
    // One of the two channels, whichever.
    expect(missed.filter((name) => name !== "SLACK_WEBHOOK_URL")).toEqual(required.sort())
  })
})

describe("rules", () => {
  const blocks = docs.flatMap((file) =>
    [...read(file).matchAll(/^ *```json ?(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, kind = "", text = ""]) => ({
      file,
      kind,
      text,
    })),
  )
  const sent = docs.flatMap((file) =>
    [...read(file).matchAll(/-d '(\{[^']*\})'/g)].map(([, text = ""]) => ({ file, kind: "rule", text })),
  )

  test("and conditions that are shown are accepted", () => {
    const shown = [...blocks, ...sent].filter(({ kind }) => kind === "rule" || kind === "condition")
    expect(shown.length).toBeGreaterThan(5)
    for (const { kind, text } of shown) {
      if (kind === "rule") expect(RuleInput.safeParse(JSON.parse(text)).error?.issues, text).toBeUndefined()
      else expect(parseCondition(JSON.parse(text)), text).toMatchObject({ ok: true })
    }
  })

  test("may name the fields that docs/rules.md lists, with their types", () => {
    const listed = tableUnder(RULES, "## The fields")
    expect(listed).toEqual(
      FIELDS.map(({ name, type, source, about }) => [`\`${name}\``, type, source, about]),
    )
  })

  test("have an example of each field and operator in docs/rules.md, with the rule's sentence and what is true of the documented call", () => {
    const { listedTurns: _, ...call } = EXAMPLE_CALL
    const facts = Facts.parse({ call, firstSeenAt: 0, detailedAt: 0, detailIsFinal: true })
    const examples = tableUnder(RULES, "### Examples").map(([when = "", ...rest]) => ({
      when: JSON.parse(codeIn(when)[0] ?? ""),
      rest,
    }))
    expect(examples.map(({ when }) => when)).toEqual(FIELD_EXAMPLES)
    const used = new Set<string>()
    for (const { when, rest } of examples) {
      const parsed = parseCondition(when)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
      const { condition } = parsed
      const { truth } = evaluate(condition, facts, true, { list: true, detail: true })
      const ofCall = { true: "yes", false: "no", unknown: "unknown" }[truth]
      expect(rest, JSON.stringify(when)).toEqual([ruleSentence(condition), ofCall])
      for (const leaf of condition.kind === "all" ? condition.of : [condition])
        if (leaf.kind === "leaf") used.add(leaf.field.name).add(`${leaf.field.type} ${leaf.operator}`)
    }
    const operators = Object.entries(OPERATORS).flatMap(([type, own]) => own.map((one) => `${type} ${one}`))
    const wanted = [...FIELDS.map(({ name }) => name), ...operators]
    expect(wanted.filter((one) => !used.has(one))).toEqual([])
  })

  test("have the operators that docs/rules.md lists", () => {
    const listed = tableUnder(RULES, "## A condition").map(([type = "", operators = ""]) => [
      type,
      codeIn(operators),
    ])
    expect(Object.fromEntries(listed)).toEqual(OPERATORS)
  })

  test("that every deployment starts with are those that docs/rules.md lists, with their severities", () => {
    const listed = tableUnder(RULES, "# Rules").map(([id = "", , severity]) => [codeIn(id)[0], severity])
    expect(listed).toEqual(DEFAULT_RULES.map(({ id, severity }) => [id, severity]))
  })

  test("have the parts that docs/rules.md explains", () => {
    expect(firstColumn(tableUnder(RULES, "## A rule"))).toEqual(Object.keys(RuleInput.shape).sort())
  })
})

describe("the glossary", () => {
  const rows = tableUnder(DESIGN, "## Glossary")

  test("names what the code exports, and where", () => {
    const wrong = rows.filter(([, , where = ""]) => {
      const [name = "", file = ""] = codeIn(where)
      if (!existsSync(path.join(root, file)) || !/^\w+$/.test(name)) return true
      return !new RegExp(`^export (const|type|(async )?function|class) ${name}\\b`, "m").test(read(file))
    })
    expect(wrong).toEqual([])
  })

  test("explains the words that people meet in rules, in messages and at /health", () => {
    const text = rows.flat().join(" ").toLowerCase()
    const words = [
      ...Object.keys(RuleInput.shape).filter((key) => !["id", "name", "when", "channels"].includes(key)),
      ...Object.keys(Health.shape).filter((key) => ["watermark", "pending", "unexamined"].includes(key)),
      ...Delivery.options.flatMap(({ shape }) => [...shape.state.values]),
      ...Privacy.options,
      "alert",
      "call",
      "channel",
      "condition",
      "detail",
      "fence",
      "gate",
      "lease",
      "poll",
      "record",
      "rule",
      "tick",
    ]
    expect(words.filter((word) => !new RegExp(`\\b${word}\\b`, "i").test(text))).toEqual([])
  })

  test("has each word once", () => {
    const words = rows.flatMap(([word = ""]) => word.split(", "))
    expect(words).toEqual([...new Set(words)])
  })
})

describe("docs/operations.md", () => {
  test("has every alarm, and no other", () => {
    expect(firstColumn(tableUnder(OPERATIONS, "## Alarms"))).toEqual(Object.keys(alarmsFor(19_000)).sort())
  })

  test("has every event of the log, and no other", () => {
    const sources = readAll(
      /^packages\/(functions|poller|api|io)\/src\/(?!.*(\.test|\.contract|test-\w+)\.ts).*\.ts$/,
    ).join("\n")
    const events = found(sources, /event: "([\w.-]+)"|"(delivery\.\w+)"/g)
    expect(events.length).toBeGreaterThan(5)
    expect(firstColumn(tableUnder(OPERATIONS, "## The log"))).toEqual(events)
  })

  test("explains every reason for which a poll does nothing", () => {
    const reasons = found(
      /SkipReason =(.*)/.exec(read("packages/poller/src/report.ts"))?.[1] ?? "",
      /"(\w+)"/g,
    )
    expect(reasons.length).toBeGreaterThan(3)
    expect(codeIn(OPERATIONS)).toEqual(expect.arrayContaining(reasons))
  })

  test("shows the report that a poll gives", () => {
    const [, shown = "{}"] = /```json\n(\{"ok".*\})\n/.exec(OPERATIONS) ?? []
    const limits = { listPerHour: 200, detailPerHour: 500, gateMs: 0 }
    const report = emptyReport({ kind: "poll", control: FIRST_CONTROL, ring: FIRST_CONTROL.ring, limits })
    expect(Object.keys(JSON.parse(shown))).toEqual(Object.keys(report))
  })
})

test("docs/deploy.md sets every secret that a deploy needs, as the README names them", () => {
  const secrets = found(read("stacks/channels.ts"), /new sst\.Secret\("(\w+)"/g)
  expect(found(read("docs/deploy.md"), /sst secret set (\w+)/g)).toEqual(secrets)
  expect(codeIn(README)).toEqual(expect.arrayContaining(secrets))
})

describe("docs/design.md", () => {
  const UNITS: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }
  const lengthOf = (text: string) => {
    const [number = "", unit] = text.split(" ")
    return Number(number) * (unit === undefined ? 1 : (UNITS[unit] ?? Number.NaN))
  }

  test("has the limits that the code has", async () => {
    for (const [name = "", value = "", file = ""] of tableUnder(DESIGN, "## Limits")) {
      const [constant = ""] = codeIn(name)
      const exported: unknown = (await import(path.join(root, codeIn(file)[0] ?? "")))[constant]
      const values = typeof exported === "object" && exported !== null ? Object.values(exported) : [exported]
      expect(value.split(", ").map(lengthOf), constant).toEqual(values)
    }
  })

  test("promises of older calls what the simulation holds, in the README too", () => {
    const cells = (text: string, unitMs: number) => Math.ceil(Number.parseInt(text, 10)) * unitMs
    const rows = DESIGN.split("\n").filter((line) => /^\| (5|60|150|450) \| \d+ s/.test(line))
    expect(rows).toHaveLength(4)
    for (const row of rows) {
      const [rate = "", , recent = "", day = "", week = ""] = row
        .split("|")
        .slice(1)
        .map((cell) => cell.trim())
      const held = rereadWithin(Number(rate))
      const said = { recent: cells(recent, 60_000), day: cells(day, 3_600_000), week: cells(week, 3_600_000) }
      for (const kind of ["recent", "day", "week"] as const) {
        expect(said[kind] - held[kind], `${kind} at ${rate}`).toBeGreaterThanOrEqual(0)
        expect(said[kind] - held[kind], `${kind} at ${rate}`).toBeLessThan(3_600_000)
      }
    }
    const { recent, week } = rereadWithin(60)
    expect([recent, Math.ceil(week / 3_600_000)]).toEqual([3_600_000, 45])
    expect(README).toContain("noticed within an hour to 45 hours")
  })

  test("has the urgencies of a detail, in their order, with their shares of the hour", () => {
    const source = read("packages/core/src/detail/look.ts")
    const order = /ORDER[^=]*= \[([^\]]*)\]/.exec(source)?.[1]?.match(/\w+/g)
    const share = (urgency: string) => {
      // The most urgent looks have no ceiling but the vendor's.
      if (urgency === "decides") return "100%"
      const [, few, many] =
        new RegExp(`\\b${urgency}: \\{ few: ([\\d.]+), many: ([\\d.]+) \\}`).exec(source) ?? []
      return [few, many].map((part) => `${Number(part) * 100}%`).join(", ")
    }
    const rows = tableUnder(DESIGN, "## Details").map(([urgency = "", , part]) => [
      codeIn(urgency)[0] ?? "",
      part,
    ])
    expect(rows.map(([urgency]) => urgency)).toEqual(order)
    for (const [urgency = "", part] of rows) expect(part, urgency).toBe(share(urgency))
  })

  test("lists every decision, each with its context, what was decided and what follows", () => {
    const listed = found(DESIGN, /\]\((decisions\/[\w-]+\.md)\)$/gm).map((file) => `docs/${file}`)
    expect(listed).toEqual(decisions.sort())
    for (const [index, file] of decisions.entries()) {
      const text = read(file)
      expect(path.basename(file)).toMatch(
        new RegExp(`^${String(index + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`),
      )
      expect(text).toMatch(new RegExp(`^# ${index + 1}\\. .+`))
      expect(found(text, /^\*\*(\w+)\.\*\*/gm)).toEqual(["Consequence", "Context", "Decision"])
    }
  })
})

test("the README can be read in one go", () => {
  expect(README.split("\n").length).toBeLessThanOrEqual(260)
})
