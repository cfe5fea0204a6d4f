/** What the terminal shows: a line for each poll, and each alert as people get it. Pure: text in, text out. */
import { timeText } from "@earshot/core/message/time-text"
import type { PollReport, SkipReason } from "@earshot/poller/report"
import { styleText } from "node:util"
import wrapAnsi from "wrap-ansi"
import type { Mail } from "./embedded.ts"
import { SlackBlock, type SlackText, piecesOf } from "./slack-block.ts"

type Style = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it as it is where there is no terminal. */
export type Paint = (style: Style, text: string) => string

/** By the conventions: no colour without a terminal, none if NO_COLOR is set, always if FORCE_COLOR is. */
export function createPaint(isTerminal: boolean, variables: NodeJS.ProcessEnv): Paint {
  const isOn = variables["FORCE_COLOR"] ? true : isTerminal && !variables["NO_COLOR"]
  return isOn ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

/** Where a line goes on under its time. */
const INDENT = " ".repeat("12:03:20  ".length)

/**
 * `12:03:20  poll   14 listed · 2 new · 3 details · 1 alert · 2 delivered   left this hour: 188 lists, 493 details`
 *
 * Null for a look between two polls that found nothing to ask for. `leftMs`: for how long nobody would have looked without a nudge.
 */
export function pollLine(
  report: PollReport,
  at: Date,
  paint: Paint,
  columns: number,
  leftMs = 0,
): string | null {
  const width = Math.max(WIDTH_MIN, columns) - INDENT.length
  const [onOne, onTwo] = ["   ", "\n"].map((gap) => pollText(report, paint, { gap, leftMs }))
  if (!onOne || !onTwo) return null
  // What is left goes to a line of its own before anything else does.
  const text = wrapAnsi(onOne, width).includes("\n") ? wrapAnsi(onTwo, width) : onOne
  return `${paint("dim", at.toTimeString().slice(0, 8))}  ${text.replaceAll("\n", `\n${INDENT}`)}`
}

/** `gap`: what stands before that which is left. */
function pollText(
  report: PollReport,
  paint: Paint,
  { gap, leftMs }: { gap: string; leftMs: number },
): string | null {
  if (!report.ok) return `${paint("red", "poll failed")}  ${report.error ?? ""}`
  const { list, detail } = report.budget
  const left = `left this hour: ${list.limit - list.used} lists, ${detail.limit - detail.used} details`
  if (report.kind === "skipped") {
    // Triggers come more often than polls are wanted.
    return report.reason === "early" ? null : paint("dim", `poll   skipped: ${SKIPPED[report.reason]}`)
  }
  if (report.kind === "look") {
    if (report.details === 0) return null
    const counts = [
      ...lookCounts(report, paint),
      ...wonCounts(report, leftMs, paint),
      ...troubleCounts(report, paint),
    ]
    const what = report.nudge ? "nudge" : "look "
    return `${paint("bold", what)}             ${counts.join(" · ")}${gap}${paint("dim", left)}`
  }
  const counts = [
    `${String(report.listed).padStart(3)} listed`,
    count(report.new, "new", "cyan", paint),
    ...lookCounts(report, paint),
    ...troubleCounts(report, paint),
    ...(report.unreadable > 0 ? [paint("red", `${report.unreadable} unreadable`)] : []),
  ]
  return `${paint("bold", "poll")}  ${counts.join(" · ")}${gap}${paint("dim", left)}`
}

function lookCounts({ details, alerts, delivered }: PollReport, paint: Paint): string[] {
  return [
    count(details, details === 1 ? "detail" : "details", "cyan", paint),
    count(alerts, alerts === 1 ? "alert" : "alerts", "yellow", paint),
    count(delivered, "delivered", "green", paint),
  ]
}

/** What a nudge has won: how long it would have been until the next look or poll. */
function wonCounts({ nudge }: PollReport, leftMs: number, paint: Paint): string[] {
  if (!nudge || nudge.sooner === 0) return []
  const calls = nudge.sooner === 1 ? "a call's end" : `${nudge.sooner} calls' ends`
  return [paint("green", `${calls} seen ${Math.max(1, Math.round(leftMs / 1000))} s sooner`)]
}

function troubleCounts({ failed, pending }: PollReport, paint: Paint): string[] {
  return [
    ...(failed > 0 ? [paint("red", `${failed} failed`)] : []),
    ...(pending > 0 ? [paint("red", `${pending} pending`)] : []),
  ]
}

const SKIPPED: Record<Exclude<SkipReason, "early">, string> = {
  busy: "another poll is running",
  overtaken: "another poll took over",
  budget: "this hour's list requests are used up",
  blocked: "the Calls API asked to wait",
}

function count(number: number, what: string, style: Style, paint: Paint): string {
  const text = `${number} ${what}`
  return number > 0 ? paint(style, text) : paint("dim", text)
}

/** A Slack message in a frame, roughly as Slack draws it. `to`: which channel it went to, where there is more than one. */
export function slackBox(blocks: readonly unknown[], paint: Paint, columns: number, to = ""): string {
  const width = widthOf(columns)
  const lines = blocks.flatMap((input) => {
    const parsed = SlackBlock.safeParse(input)
    if (!parsed.success) return []
    const block = parsed.data
    switch (block.type) {
      case "header":
        return [paint("bold", block.text.text)]
      case "section":
        return "fields" in block
          ? ["", ...wrap(block.fields.map((field) => shown(field, paint)).join("  ·  "), width)]
          : ["", ...wrap(shown(block.text, paint), width)]
      case "context":
        return [
          "",
          ...wrap(block.elements.map((element) => shown(element, paint)).join("  ·  "), width).map((line) =>
            paint("dim", line),
          ),
        ]
    }
  })
  const edge = paint("yellow", "┃")
  return [
    `  ${edge} ${paint("dim", ["Slack", to].filter(Boolean).join(", "))}`,
    ...lines.map((line) => `  ${edge} ${line}`),
  ].join("\n")
}

/** The whole e-mail, or only its subject. */
export function mailBox(mail: Mail, isWhole: boolean, paint: Paint, columns: number): string {
  const edge = paint("blue", "┃")
  const subject = wrap(`${paint("dim", "E-mail")} ${paint("bold", mail.subject)}`, widthOf(columns))
  const lines = isWhole ? [...subject, "", ...wrap(mail.body, widthOf(columns))] : subject
  return lines.map((line) => `  ${edge} ${line}`).join("\n")
}

/** Narrower than this a line holds no more than a word. */
const WIDTH_MIN = 40

/** Wider lines are hard to read. */
const WIDTH_MAX = 100

/** What a frame and its edge leave of a line. */
function widthOf(columns: number): number {
  return Math.max(WIDTH_MIN, Math.min(columns, WIDTH_MAX) - 4)
}

/** Times as text, links as their words. */
function shown(text: SlackText, paint: Paint): string {
  const parts = piecesOf(text).map((piece) => {
    if (piece.kind === "date") return timeText(piece.at)
    return piece.kind === "bold" ? paint("bold", piece.text) : piece.text
  })
  return parts.join("")
}

/** The text in lines; one that is quoted stays so where it goes on. */
function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("> ")) return wrapAnsi(line, width).split("\n")
    return wrapAnsi(line.slice(2), width - 2)
      .split("\n")
      .map((part) => `> ${part}`)
  })
}
