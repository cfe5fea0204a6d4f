/** Where a webhook may go: to the public internet over https, and nowhere else, however the address is written. */
import { describe, expect, test } from "vitest"
import { isPublicAddress } from "./address.ts"
import { outwardUrlIssue } from "./outward-url.ts"

/** Each leads somewhere inside, or is no https address at all. */
const REFUSED = [
  "",
  "example.com",
  "not a url",
  "http://example.com/",
  "ftp://example.com/",
  "file:///etc/hosts",
  "data:text/plain,hello",
  "javascript:0",
  "ws://example.com/",
  "https://",
  "https://user@example.com/",
  "https://user:password@example.com/",
  "https://:password@example.com/",
  "https://example.com/#part",
  "https://example.com:80/",
  "https://example.com:22/",
  "https://example.com:25/",
  "https://example.com:6379/",
  "https://example.com:9200/",
  "https://example.com:65535/",
  "https://exa mple.com/",
  "https://example.com/\t",
  "https://exämple.com/",
  "https://localhost/",
  "https://localhost./",
  "https://LOCALHOST/",
  "https://app.localhost/",
  "https://intranet/",
  "https://printer.local/",
  "https://db.internal/",
  "https://metadata.google.internal/",
  "https://router.home.arpa/",
  "https://wiki.corp/",
  "https://nas.lan/",
  "https://service.test/",
  "https://hidden.onion/",
  "https://0.0.0.0/",
  "https://0/",
  "https://10.0.0.1/",
  "https://10.255.255.255/",
  "https://100.64.0.1/",
  "https://100.100.100.200/",
  "https://127.0.0.1/",
  "https://127.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0177.0.0.1/",
  "https://127.255.255.254/",
  "https://168.63.129.16/",
  "https://169.254.169.254/latest/meta-data/",
  "https://169.254.170.2/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.0.0.1/",
  "https://192.0.2.1/",
  "https://192.88.99.1/",
  "https://192.168.0.1/",
  "https://198.18.0.1/",
  "https://198.51.100.1/",
  "https://203.0.113.1/",
  "https://224.0.0.1/",
  "https://240.0.0.1/",
  "https://255.255.255.255/",
  "https://[::]/",
  "https://[::1]/",
  "https://[::127.0.0.1]/",
  "https://[::8.8.8.8]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::ffff:8.8.8.8]/",
  "https://[::ffff:0:10.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b:1::a00:1]/",
  "https://[100::1]/",
  "https://[2001::1]/",
  "https://[2001:db8::1]/",
  "https://[2001:20::1]/",
  "https://[2002:7f00:1::]/",
  "https://[2002:a00:1::]/",
  "https://[3fff::1]/",
  "https://[5f00::1]/",
  "https://[fc00::1]/",
  "https://[fd00:ec2::254]/",
  "https://[fe80::1]/",
  "https://[fec0::1]/",
  "https://[ff02::1]/",
]

const TAKEN = [
  "https://example.com/",
  "https://hooks.example.com/earshot?key=1",
  "https://example.com:443/",
  "https://example.com:8443/",
  "https://EXAMPLE.com/",
  "https://xn--exmple-cua.com/",
  "https://8.8.8.8/",
  "https://[2606:4700::1111]/",
]

test("the list is long enough to mean something", () => {
  expect(new Set(REFUSED).size).toBe(REFUSED.length)
  expect(REFUSED.length).toBeGreaterThanOrEqual(60)
})

describe("is refused", () => {
  test.each(REFUSED)("%j", (url) => {
    const issue = outwardUrlIssue(url)
    expect(issue).not.toBeNull()
    if (url.length > 12) expect(issue).not.toContain(url)
  })
})

test.each(TAKEN)("%s is taken", (url) => {
  expect(outwardUrlIssue(url)).toBeNull()
})

test.each(["", "example.com", "8.8.8.8.8", "fe80::1%eth0", "::ffff:8.8.8.8"])(
  "%j is no public address",
  (text) => {
    expect(isPublicAddress(text)).toBe(false)
  },
)
