import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const common = { setupFiles: ['test/setup.ts'], testTimeout: 30_000, hookTimeout: 30_000 }

export default defineConfig(({ mode }) => ({
  test: {
    // Most tests wait for a process of their own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          ...common,
          name: 'UTC',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{contract,adoption}/**', 'test/campaign/campaign.test.ts'],
          env: { TZ: 'UTC' }
        }
      },
      // What touches times runs again where the clock is not UTC and jumps twice a year.
      {
        test: {
          ...common,
          name: 'New York',
          include: [
            'test/sync/{gaps,late,windows}.test.ts',
            'test/record/record.test.ts',
            'test/config/moments.test.ts'
          ],
          env: { TZ: 'America/New_York' }
        }
      },
      // What every database must hold to; a process has one dialect.
      ...['sqlite', 'mssql'].map((dialect) => ({
        test: {
          ...common,
          name: `contract ${dialect}`,
          include: ['test/{contract,adoption}/**/*.test.ts', 'test/campaign/campaign.test.ts'],
          env: {
            TZ: 'America/New_York',
            TEST_DIALECT: dialect,
            CAMPAIGN: mode === 'campaign' ? 'long' : 'short'
          }
        }
      })),
      // The contract once more where the DBA has triggers on all tables: what they do, SQL Server counts and returns.
      {
        test: {
          ...common,
          name: 'contract mssql with triggers',
          include: ['test/contract/**/*.test.ts'],
          exclude: ['test/contract/triggers.test.ts'],
          env: { TZ: 'UTC', TEST_DIALECT: 'mssql', TEST_TRIGGERS: 'all' }
        }
      }
    ]
  }
}))
