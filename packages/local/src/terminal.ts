/** What the terminal shows: a line for each poll, and each alert as people get it. Pure: text in, text out. */
import { timeText } from "@earshot/core/message/message"
import type { PollReport, SkipReason } from "@earshot/poller/report"
import { styleText } from "node:util"
import * as z from "zod"
import type { Mail } from "./embedded.ts"

type Style = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is where there is no terminal. */
export type Paint = (style: Style, text: string) => string

/** By the conventions: no colour without a terminal, none if NO_COLOR is set, always if FORCE_COLOR is. */
export function createPaint(isTerminal: boolean, variables: NodeJS.ProcessEnv): Paint {
  const isOn = variables["FORCE_COLOR"] ? true : isTerminal && !variables["NO_COLOR"]
  return isOn ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

/** `12:03:20  poll   14 listed · 2 new · 3 looked at · 1 alert · 2 delivered   lists 12/200 · details 7/500` */
export function pollLine(report: PollReport, at: Date, paint: Paint): string | null {
  const time = paint("dim", at.toTimeString().slice(0, 8))
  if (!report.ok) return `${time}  ${paint("red", "poll failed")}  ${report.error ?? ""}`
  const { list, detail } = report.budget
  const left = `left this hour: ${list.limit - list.used} lists, ${detail.limit - detail.used} details`
  if (report.kind === "skipped") {
    // Triggers come more often than polls are wanted.
    if (report.reason === "early") return null
    return `${time}  ${paint("dim", `poll   skipped: ${SKIPPED[report.reason]}`)}`
  }
  if (report.kind === "look") {
    if (report.details === 0) return null
    const counts = [...lookCounts(report, paint), ...troubleCounts(report, paint)]
    return `${time}  ${paint("bold", "look")}              ${counts.join(" · ")}   ${paint("dim", left)}`
  }
  const counts = [
    `${String(report.listed).padStart(3)} listed`,
    count(report.new, "new", "cyan", paint),
    ...lookCounts(report, paint),
    ...troubleCounts(report, paint),
    ...(report.unreadable > 0 ? [paint("red", `${report.unreadable} unreadable`)] : []),
  ]
  return `${time}  ${paint("bold", "poll")}  ${counts.join(" · ")}   ${paint("dim", left)}`
}

function lookCounts({ details, alerts, delivered }: PollReport, paint: Paint): string[] {
  return [
    count(details, "looked at", "cyan", paint),
    count(alerts, alerts === 1 ? "alert" : "alerts", "yellow", paint),
    count(delivered, "delivered", "green", paint),
  ]
}

function troubleCounts({ failed, pending }: PollReport, paint: Paint): string[] {
  return [
    ...(failed > 0 ? [paint("red", `${failed} failed`)] : []),
    ...(pending > 0 ? [paint("red", `${pending} pending`)] : []),
  ]
}

const SKIPPED: Record<Exclude<SkipReason, "early">, string> = {
  busy: "another one is at work",
  overtaken: "another one took over",
  budget: "the list requests of this hour are used up",
  blocked: "the Calls API asked to wait",
}

function count(number: number, what: string, style: Style, paint: Paint): string {
  const text = `${number} ${what}`
  return number > 0 ? paint(style, text) : paint("dim", text)
}

const Text = z.object({ text: z.string() })

const Block = z.union([
  z.object({ type: z.literal("header"), text: Text }),
  z.object({ type: z.literal("section"), text: Text }),
  z.object({ type: z.literal("context"), elements: z.array(Text) }),
])

/** A Slack message in a frame, roughly as Slack draws it. */
export function slackBox(blocks: readonly unknown[], paint: Paint, columns: number): string {
  const width = Math.max(40, Math.min(columns, 100) - 4)
  const lines = blocks.flatMap((input) => {
    const parsed = Block.safeParse(input)
    if (!parsed.success) return []
    const block = parsed.data
    switch (block.type) {
      case "header":
        return [paint("bold", block.text.text)]
      case "section":
        return ["", ...wrap(plain(block.text.text), width).map((line) => strong(line, paint))]
      case "context":
        return [
          "",
          ...wrap(plain(block.elements.map(({ text }) => text).join("  ·  ")), width).map((line) =>
            paint("dim", line),
          ),
        ]
    }
  })
  const edge = paint("yellow", "┃")
  return [`  ${edge} ${paint("dim", "Slack")}`, ...lines.map((line) => `  ${edge} ${line}`)].join("\n")
}

/** The whole e-mail, or only its subject. */
export function mailBox(mail: Mail, isWhole: boolean, paint: Paint): string {
  const edge = paint("blue", "┃")
  const subject = `  ${edge} ${paint("dim", "E-mail")} ${paint("bold", mail.subject)}`
  if (!isWhole) return subject
  return [subject, `  ${edge}`, ...mail.body.split("\n").map((line) => `  ${edge} ${line}`)].join("\n")
}

/** mrkdwn without its marks: times as text, links as their words, entities as characters. */
function plain(mrkdwn: string): string {
  return mrkdwn
    .replace(/<!date\^(\d+)\^[^|>]*\|[^>]*>/g, (_, seconds: string) => timeText(Number(seconds) * 1000))
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, "$2")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
}

/** What Slack shows in bold type. */
function strong(line: string, paint: Paint): string {
  return line.replace(
    /(^|[\s•>])\*([^*]+)\*/g,
    (_, before: string, text: string) => before + paint("bold", text),
  )
}

function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    const lines: string[] = []
    let current = ""
    for (const word of line.split(" ")) {
      if (current !== "" && current.length + 1 + word.length > width) {
        lines.push(current)
        current = line.startsWith(">") ? `> ${word}` : word
      } else {
        current = current === "" ? word : `${current} ${word}`
      }
    }
    return [...lines, current]
  })
}
