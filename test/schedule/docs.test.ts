import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cron } from '../../src/schedule/cron.js'
import { JOB } from './support.js'

const page = readFileSync(new URL('../../docs/SCHEDULING.md', import.meta.url), 'utf8')

test('docs/SCHEDULING.md shows the crontab lines as they are', () => {
  expect(page).toContain(
    `\`\`\`text\n${cron({ ...JOB, store: 'file', keyFile: '/etc/webex-cdr.key' })}\n\`\`\`\n`
  )
})
