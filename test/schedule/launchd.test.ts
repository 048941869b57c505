import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import type { Job } from '../../src/schedule/job.js'
import { launchd } from '../../src/schedule/launchd.js'
import { HOSTILE, isInstalled, JOB, RETAIN } from './support.js'

describe.runIf(isInstalled('python3'))('the property list', () => {
  test.each(['env', 'file', 'keyring'] as const)(
    'is read back as it was meant, with the store %s',
    (store) => {
      const folder = `/Users/ann/${HOSTILE} ]]> --`
      const job = { ...JOB, node: `${folder}/node`, script: `${folder}/cli.js`, folder, store, every: 60 }
      expect(readPlist(launchd(job))).toEqual({
        Label: 'local.webex-cdr',
        ProgramArguments: [job.node, job.script, 'sync'],
        WorkingDirectory: folder,
        StartInterval: 3_600,
        RunAtLoad: true,
        StandardOutPath: `${folder}/webex-cdr.log`,
        StandardErrorPath: `${folder}/webex-cdr.log`
      })
    }
  )

  test('of retain has the variables of its login, and a time of day', () => {
    const envFile = `/Users/ann/${HOSTILE}/webex-cdr-retain.env`
    expect(readPlist(launchd({ ...RETAIN, envFile }))).toEqual({
      Label: 'local.webex-cdr-retain',
      ProgramArguments: [RETAIN.node, `--env-file=${envFile}`, RETAIN.script, 'retain'],
      WorkingDirectory: RETAIN.folder,
      StartCalendarInterval: { Hour: 3, Minute: 30 },
      StandardOutPath: '/opt/webex-cdr/webex-cdr-retain.log',
      StandardErrorPath: '/opt/webex-cdr/webex-cdr-retain.log'
    })
  })
})

test('its comment names the file and the commands', () => {
  const commentOf = (job: Job) => /<!--(.*?)-->/s.exec(launchd(job))?.[1] ?? ''
  for (const job of [JOB, RETAIN]) expect(commentOf(job)).not.toContain('--')
  const comment = commentOf(JOB)
  expect(comment).toContain('launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/local.webex-cdr.plist')
})

function readPlist(text: string): unknown {
  const program = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }))
}
