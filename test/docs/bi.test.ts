import { describe, expect, test } from 'vitest'
import { viewsOf } from '../../src/database/view-drift.js'
import { biColumns, biPage, blockCalled } from './dba-page.js'
import { columnsOf, entities } from './row-size.js'

const views = [...(await viewsOf('mssql')).keys()]

describe('docs/BI.md', () => {
  test.each([
    ['## cdr_calls', entities.CdrCall],
    ['## cdr_call_parties', entities.CdrCallParty]
  ])('%s has the columns of the entity, in their order', (heading, entity) => {
    const told = biColumns(heading)
    const real = columnsOf(entity)
    expect(told.map(({ name }) => name)).toEqual(real.map(({ name }) => name))
    for (const [index, { name, type, nullable }] of real.entries()) {
      const whole = `${type}${nullable ? '' : ' NOT NULL'}`
      // Where a row has several columns, their lengths differ.
      expect([whole, type.replace(/^nvarchar\(\d+\)$/, 'nvarchar')], name).toContain(told[index]?.type)
    }
  })

  test('has a section for each view, and for no other', () => {
    const sections = [...biPage.split('\n## Views\n')[1]!.matchAll(/^### (cdr_\w+)$/gm)].map(
      ([, name]) => name
    )
    expect(sections).toEqual(views)
  })

  test('every view is granted to who reports', () => {
    const { sql } = blockCalled('Roles for sync and for reports')
    for (const view of [...views, 'cdr_calls', 'cdr_call_parties']) {
      expect(sql).toMatch(new RegExp(`^GRANT SELECT ON dbo\\.${view} +TO webex_cdr_reader;$`, 'm'))
    }
  })
})
