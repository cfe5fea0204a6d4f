#!/bin/sh
# A phone library takes the keypad spelling of a withheld caller for a person in Austin, Texas.
#
# Version: libphonenumber-js 1.13.16, metadata "min" and "max".
# One expects: what carriers put in place of a number that the caller withheld is not a valid number. Many spell it on the
#   keypad: RESTRICTED is 7378742833, UNAVAILABLE 86282452253, ANONYMOUS 266696687.
# What happens: +1 737 874 2833 is a valid US number with either metadata, because 737 is an area code of Austin. The others
#   are not valid, so the mistake shows only where a carrier writes RESTRICTED.
# Who is hurt: whoever reads call logs. All withheld callers become one person, who calls every day, and is called back.
#
# Installs the package into a temporary folder. Fails if the outcome has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type":"module","private":true}' > package.json
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16
cat > parse.mjs <<'EOF'
import max from "libphonenumber-js/max"
import min from "libphonenumber-js/min"

const WITHHELD = { RESTRICTED: "+17378742833", UNAVAILABLE: "+86282452253", ANONYMOUS: "+1266696687" }

for (const [word, number] of Object.entries(WITHHELD)) {
  for (const [name, parse] of Object.entries({ min, max })) {
    const parsed = parse(number)
    console.log(`${word} ${name}: ${parsed?.country ?? "no country"}, ${parsed?.isValid() ? "valid" : "not valid"}`)
  }
}
EOF
found=$(node parse.mjs)
printf '%s\n' "$found"
expected='RESTRICTED min: US, valid
RESTRICTED max: US, valid
UNAVAILABLE min: CN, not valid
UNAVAILABLE max: CN, not valid
ANONYMOUS min: no country, not valid
ANONYMOUS max: no country, not valid'
[ "$found" = "$expected" ] || { echo "That has changed." >&2; exit 1; }
