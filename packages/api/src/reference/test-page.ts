/**
 * For tests: as much of a browser as the page at /docs asks for. Elements are what their script makes of them, their
 * look is left to a real browser. There is no way to turn text into elements: a script that tries will fail.
 */
import { runInNewContext } from "node:vm"
import { docsPage } from "./page.ts"

export type Node = {
  tag: string
  attributes: Map<string, string>
  children: (Node | string)[]
  listeners: Map<string, (event: object) => unknown>
  value: string
  hidden: boolean
  textContent: string
  append: (...children: unknown[]) => void
  replaceChildren: (...children: unknown[]) => void
  setAttribute: (name: string, value: unknown) => void
  getAttribute: (name: string) => string | null
  removeAttribute: (name: string) => void
  addEventListener: (name: string, listener: (event: object) => unknown) => void
  querySelectorAll: (selector: string) => Node[]
  focus: () => void
  scrollIntoView: () => void
  requestSubmit: () => void
}

export type Page = {
  /** The element of this id; throws if there is none. */
  element: (id: string) => Node
  /** Below this element, all with this tag. */
  all: (tag: string, below?: Node) => Node[]
  stored: Map<string, string>
  focused: () => Node | null
  /** Lets the page hear of an event, and waits until it has done what it does about it. */
  fire: (node: Node, name: string, event?: object) => Promise<void>
}

/** Runs the page's script over its static elements, and waits until the page is drawn. */
export async function openPage(
  fetch: (path: string, init: RequestInit) => Promise<Response>,
  stored: Map<string, string> = new Map(),
): Promise<Page> {
  let focused: Node | null = null
  const root = createNode("body", (node) => (focused = node))
  const make = (tag: string) => createNode(tag, (node) => (focused = node))
  for (const [, tag = "", id = ""] of docsPage().html.matchAll(/<(\w+)[^>]*? id="([\w-]+)"/g)) {
    const node = make(tag)
    node.setAttribute("id", id)
    root.append(node)
  }
  const all = (tag: string, below = root) => descendants(below).filter((node) => node.tag === tag)
  const find = (id: string) => descendants(root).find((node) => node.getAttribute("id") === id)
  const waiting = new Set<Promise<unknown>>()
  const follow = <T>(work: Promise<T>) => {
    waiting.add(work)
    return work.finally(() => waiting.delete(work))
  }
  const settle = async () => {
    do await new Promise((resolve) => setImmediate(resolve))
    while (waiting.size > 0)
  }
  runInNewContext(scriptOf(docsPage().html), {
    document: {
      createElement: make,
      getElementById: (id: string) => find(id) ?? null,
      querySelectorAll: (selector: string) => root.querySelectorAll(selector),
    },
    location: { origin: "https://earshot.test", hash: "" },
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    },
    IntersectionObserver: function observer() {
      return { observe: () => {} }
    },
    fetch: (url: string, init: RequestInit) => follow(fetch(url, init)),
    performance,
    AbortSignal,
    Headers,
    setTimeout,
  })
  await settle()
  return {
    all,
    stored,
    focused: () => focused,
    element: (id) => {
      const node = find(id)
      if (!node) throw new Error(`The page has no ${id}.`)
      return node
    },
    fire: async (node, name, event = {}) => {
      await node.listeners.get(name)?.({ preventDefault: () => {}, ...event })
      await settle()
    },
  }
}

/** What stands between the only two tags of a script. */
export function scriptOf(html: string): string {
  return html.slice(html.indexOf("<script>") + 8, html.indexOf("</script>"))
}

function createNode(tag: string, onFocus: (node: Node) => void): Node {
  const node: Node = {
    tag,
    attributes: new Map(),
    children: [],
    listeners: new Map(),
    value: "",
    hidden: false,
    get textContent() {
      return node.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("")
    },
    set textContent(text) {
      node.children = [text]
    },
    append: (...children) =>
      void node.children.push(...children.map((child) => (isNode(child) ? child : String(child)))),
    replaceChildren: (...children) => {
      node.children = []
      node.append(...children)
    },
    setAttribute: (name, value) => void node.attributes.set(name, String(value)),
    getAttribute: (name) => node.attributes.get(name) ?? null,
    removeAttribute: (name) => void node.attributes.delete(name),
    addEventListener: (name, listener) => void node.listeners.set(name, listener),
    querySelectorAll: (selector) =>
      selector
        .split(" ")
        .reduce<Node[]>(
          (found, tag) => found.flatMap((one) => descendants(one).filter((inner) => inner.tag === tag)),
          [node],
        ),
    focus: () => onFocus(node),
    scrollIntoView: () => {},
    requestSubmit: () => void node.listeners.get("submit")?.({ preventDefault: () => {} }),
  }
  return node
}

function isNode(child: unknown): child is Node {
  return typeof child === "object" && child !== null && "children" in child
}

function descendants(node: Node): Node[] {
  return node.children.flatMap((child) => (typeof child === "string" ? [] : [child, ...descendants(child)]))
}
