/**
 * How a story is written: as the steps of a call in which everything goes well.
 *
 * A story yields what is said and done, in order, and returns how it ended. What goes wrong is not its concern: at a
 * tool or a crossroads, the stage that performs it may send the call another way, and then never returns to the rest of
 * the story. So every story can be told calmly or angrily, to its end or not.
 */
import type { CallAgent } from "./call.ts"
import type { Person } from "./person.ts"

export type Story = {
  /** What the call is about, as it reads after "called about". */
  readonly topic: string
  readonly direction: "incoming" | "outgoing"
  /** How often it occurs, relative to the company's other stories of this direction. */
  readonly weight: number
  readonly tell: (cast: Cast) => Generator<Step, Ending, void>
}

export type Step =
  | { readonly kind: "agent" | "caller"; readonly text: string }
  /** What the caller wants, in words that depend on the mood. */
  | { readonly kind: "opening"; readonly calm: string; readonly worried?: string; readonly angry: string }
  /** The agent says what it is about to do, and does it; at this point the call may fail instead. */
  | { readonly kind: "tool"; readonly tool: string; readonly says: string; readonly result: ToolResult }
  /** Here the caller may lose patience, ask for a person or hang up; `wish` reads after "wanted". */
  | { readonly kind: "crossroads"; readonly wish: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "email"; readonly subject: string }

export type ToolResult = Readonly<Record<string, unknown>>

/** `outcome` is a whole sentence for the summary, `memory` one about the caller to remember. */
export type Ending = { readonly outcome: string; readonly memory: string }

/** Who is on the line, and the dice. */
export type Cast = {
  readonly person: Person
  readonly company: Company
  readonly pick: <T>(...items: readonly T[]) => T
  /** An integer from `min` to `max`, both included. */
  readonly number: (min: number, max: number) => number
  /** The name of a weekday from now on, never a Sunday. */
  readonly day: (inDaysMin: number, inDaysMax: number) => string
}

export const agent = (text: string): Step => ({ kind: "agent", text })

export const caller = (text: string): Step => ({ kind: "caller", text })

export const crossroads = (wish: string): Step => ({ kind: "crossroads", wish })

export const text = (text: string): Step => ({ kind: "text", text })

export const email = (subject: string): Step => ({ kind: "email", subject })

export const tool = (tool: string, says: string, result: ToolResult): Step => ({
  kind: "tool",
  tool,
  says,
  result,
})

export const opening = (words: { calm: string; worried?: string; angry: string }): Step => ({
  kind: "opening",
  ...words,
})

export type Company = {
  readonly name: string
  readonly phone: string
  readonly agent: CallAgent
  /** What the agent calls itself when it answers. */
  readonly agentName: string
  /** Who takes over when a caller must speak with a person. */
  readonly colleague: string
  readonly hours: string
  readonly stories: readonly Story[]
  /** How many of the calls are this company's, relative to the others. */
  readonly weight: number
}
