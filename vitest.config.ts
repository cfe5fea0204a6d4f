/** How the tests run: `unit` needs nothing but the packages, `infra` SST's platform, `browser` a Chromium. */
import { defineConfig } from "vitest/config"

const shared = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "test/*.test.ts"],
        },
      },
      { test: { ...shared, name: "infra", include: ["test/infra/**/*.test.ts"] } },
      { test: { ...shared, name: "browser", include: ["test/browser/**/*.test.ts"] } },
    ],
  },
})
