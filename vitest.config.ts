import { defineConfig } from 'vitest/config'

const common = { setupFiles: ['test/setup.ts'], testTimeout: 30_000, hookTimeout: 30_000 }

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'UTC', include: ['test/**/*.test.ts'], env: { TZ: 'UTC' } } },
      // What touches times runs again where the clock is not UTC and jumps twice a year.
      {
        test: {
          ...common,
          name: 'New York',
          include: ['test/{sync,config}/**/*.test.ts'],
          env: { TZ: 'America/New_York' }
        }
      }
    ]
  }
})
