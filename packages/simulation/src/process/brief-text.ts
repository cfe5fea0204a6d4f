/** What people read in a daily brief, taken out of the message as its channel shows it. */

/** `from`, `to`: by the clock of the channel's zone, such as `2026-01-05 08:00`. `owed`: null if it says that nothing is. */
export type BriefText = {
  checked: number
  listed: number
  alerts: number
  waiting: number
  unexamined: number
  deleted: number
  hasGap: boolean
  from: string
  to: string
  owed: number | null
  /** What it says of each rule, which names it as people do. */
  rules: string
}

/** Null: the message is no brief. */
export function briefIn(text: string): BriefText | null {
  const plain = text.replaceAll(String.raw`\n`, " ").replaceAll(/\s+/g, " ")
  const said =
    /Daily brief: (\d+) of (\d+) calls? checked, (no|\d+) alerts?, (nothing|\d+) waiting([^"]*)/.exec(plain)
  if (!said) return null
  const [, checked, listed, alerts, waiting, more = ""] = said
  const counted = (pattern: RegExp) => Number(pattern.exec(more)?.[1] ?? 0)
  const span = /(\d{4}-\d\d-\d\d \d\d:\d\d) \S+ to (\d{4}-\d\d-\d\d \d\d:\d\d) /.exec(plain)
  const owed = /(\d+) messages? (?:is|are) still to be sent/.exec(plain)?.[1]
  return {
    checked: Number(checked),
    listed: Number(listed),
    alerts: alerts === "no" ? 0 : Number(alerts),
    waiting: waiting === "nothing" ? 0 : Number(waiting),
    unexamined: counted(/ (\d+) closed unexamined/),
    deleted: counted(/ (\d+) deleted at echowin/),
    hasGap: more.includes("no complete reading for"),
    from: span?.[1] ?? "",
    to: span?.[2] ?? "",
    owed: owed === undefined ? null : Number(owed),
    rules: /Alerts by rule(.*?)Owed/.exec(plain)?.[1] ?? "",
  }
}

/** How many alerts the brief says that rules of this name raised. */
export function countIn({ rules }: BriefText, name: string): number {
  return Number(new RegExp(String.raw`${name}: (\d+)`).exec(rules)?.[1] ?? 0)
}
