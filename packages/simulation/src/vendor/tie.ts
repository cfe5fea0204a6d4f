/** A list whose sort leaves neighbours equal, in any order: real sorts promise none. */
import { shuffle } from "@earshot/emulators/random"
import type { SimulatedCall } from "../truth/call.ts"

/** Whether the sort leaves two neighbours equal. */
export type Tie = (one: SimulatedCall, other: SimulatedCall) => boolean

/** The calls with those that are equal in any order. */
export function shuffled(calls: SimulatedCall[], isTie: Tie, die: () => number): SimulatedCall[] {
  const result: SimulatedCall[] = []
  for (let index = 0; index < calls.length;) {
    const first = calls[index]
    if (!first) break
    let next = index + 1
    for (let other = calls[next]; other && isTie(first, other); other = calls[next]) next++
    if (next === index + 1) result.push(first)
    else result.push(...shuffle(die, calls.slice(index, next)))
    index = next
  }
  return result
}
