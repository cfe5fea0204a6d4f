/** For tests: polls that die, where the store says so or at any use of the world and the store. */
import type { Store } from "@earshot/io/store/store"
import { createMemory } from "./memory/memory.ts"
import { poll } from "./poll.ts"
import type { TestWorld } from "./test-world.ts"

/** A poll of another process, unless its `memory` is given, which dies where the store says so. */
export async function dieAt(
  test: TestWorld,
  mortal: (store: Store, die: () => Promise<never>) => Store,
  memory = createMemory(),
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const die = () => {
      resolve()
      return new Promise<never>(() => {})
    }
    const outlived = () => reject(new Error("The poll did not die."))
    test.run(poll(test.world, mortal(test.store, die), test.setup, memory)).then(outlived, outlived)
  })
}

/**
 * A poll of a process that dies at its nth use of the world or the store. Half of the deaths come before the effect,
 * half after it: whoever died does not know. Another process, unless its `memory` is given.
 */
export function dying(
  test: TestWorld,
  deathAt: number,
  memory = createMemory(),
): { poll: () => Promise<{ died: boolean }> } {
  let uses = 0
  const never = new Promise<never>(() => {})
  let tell: (died: true) => void = () => {}
  const death = new Promise<true>((resolve) => {
    tell = resolve
  })
  const mortal = <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) => {
    return async (...given: Arguments): Promise<Result> => {
      uses++
      if (uses < deathAt) return work(...given)
      if (uses === deathAt && deathAt % 2 === 0) await work(...given)
      tell(true)
      return never
    }
  }
  const { store, world } = test
  const mortalStore = {
    ...store,
    acquire: mortal(store.acquire),
    beginLook: mortal(store.beginLook),
    changeControl: mortal(store.changeControl),
    readWatch: mortal(store.readWatch),
    writeWatch: mortal(store.writeWatch),
    readCall: mortal(store.readCall),
    writeCall: mortal(store.writeCall),
    dueCalls: mortal(store.dueCalls),
    readRules: mortal(store.readRules),
    readPace: mortal(store.readPace),
    writePace: mortal(store.writePace),
    keepDigest: mortal(store.keepDigest),
    readIncidents: mortal(store.readIncidents),
    writeIncidents: mortal(store.writeIncidents),
    addCoverage: mortal(store.addCoverage),
    noteGap: mortal(store.noteGap),
    readCoverage: mortal(store.readCoverage),
    readBrief: mortal(store.readBrief),
    writeBrief: mortal(store.writeBrief),
  }
  // The channels and the vendor's client have the world that the test made, so its fetch dies for all of them.
  const mortalFetch = mortal(world.fetch.bind(world))
  return {
    poll: async () => {
      const alive = world.fetch
      world.fetch = mortalFetch
      const over = poll(world, mortalStore, test.setup, memory).then(() => false)
      const died = await Promise.race([over, death])
      world.fetch = alive
      return { died }
    },
  }
}
