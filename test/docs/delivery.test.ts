import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const workflow = read('.github/workflows/ci.yml')
const compose = read('compose.yaml')

const listIn = (text: string, key: string) =>
  new RegExp(`^ +${key}: \\[(.*)\\]$`, 'm').exec(text)?.[1]?.split(', ') ?? []

describe('the workflow', () => {
  test('tests every Node that package.json allows, from the least on', () => {
    const { engines } = JSON.parse(read('package.json'))
    const least = /^>=(\d+)\./.exec(engines.node)?.[1]
    const tested = listIn(workflow, 'node')
    expect(tested[0]).toBe(least)
    expect(tested).toEqual(['20', '22', '24'])
  })

  test('tests three versions of SQL Server, with the whole suite', () => {
    expect(listIn(workflow, 'server')).toEqual(['2019-latest', '2022-latest', '2025-latest'])
    const [, ofServer = ''] = workflow.split(/^ {2}sqlserver:$/m)
    expect(ofServer).toMatch(/TEST_MSSQL_URL: .*encrypt=true&trustServerCertificate=true$/m)
    expect(ofServer).toMatch(/run: npm ci\n +- run: npm test$/m)
  })

  test('may read the repository, and no more', () => {
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m)
    expect(workflow.match(/permissions:/g)).toHaveLength(1)
    expect(workflow).not.toContain('secrets.')
    for (const [, version] of workflow.matchAll(/uses: [\w/-]+@(.*)$/gm)) expect(version).toMatch(/^v\d+$/)
  })
})

test('compose.yaml has no password and is not open to the network', () => {
  expect(compose).toMatch(/MSSQL_SA_PASSWORD: \$\{MSSQL_SA_PASSWORD:\?.*\}$/m)
  expect([...compose.matchAll(/^ +- (.*:1433)$/gm)].map(([, port]) => port)).toEqual(['127.0.0.1:1433:1433'])
})
