import { expect, onTestFinished, test } from 'vitest'
import type { CdrRecord } from '../../src/entities/index.js'
import type { Item } from '../migrations/predecessor.js'
import { contract, dialect } from '../support/contract.js'
import { fullItem, live, reference } from './items.js'
import { Adoptee, derivedKey, identityOf, type Row, stored } from './support.js'

async function adopted(...rows: Row[]): Promise<Adoptee> {
  const adoptee = await Adoptee.with(...rows)
  onTestFinished(() => adoptee.drop())
  await adoptee.migrate()
  return adoptee
}

test('a derived key is what Python’s hashlib and uuid make of the same text', () => {
  const rightly = { hashesUtf8: false, leavesEscapes: false }
  const item = { ...live, 'Network call ID': 'SDen4q701-zażółć-aoh8mj1050' }
  expect(derivedKey(identityOf(item), rightly)).toBe('81777d70-7f95-8ac2-ae50-0d3ac6bb525c')
})

contract('rows that prove to be one record', () => {
  const version = (report: number, index: number, minute: string): Row =>
    stored({
      ...live,
      'Report ID': `00000000-0000-3000-8000-00000000000${report}`,
      'Call ID': `${report} version ${index}`,
      'Report time': minute && `2026-09-24T07:${minute}:00.000Z`
    })

  test('collapse into the newest; of equally new ones the last stays, one without Report time goes', async () => {
    const adoptee = await adopted(
      ...['50', '52', '51'].map((minute, index) => version(1, index, minute)),
      ...['50', '50'].map((minute, index) => version(2, index, minute)),
      ...['50', ''].map((minute, index) => version(3, index, minute)),
      stored({ ...live, 'Report ID': '', 'Call ID': 'other' })
    )
    const rows = await adoptee.rows()
    expect(rows.map((row) => row.call_id)).toEqual(['1 version 1', '2 version 1', '3 version 0', 'other'])
  }, 180_000)

  test('but for those of another leg, which are kept in quarantine', async () => {
    const { 'Correlation ID': call, ...rest } = live
    const of = (id: string, more: Item): Item => ({
      ...rest,
      'Report ID': id,
      'Correlation ID': call,
      ...more
    })
    const first = '00000000-0000-3000-8000-000000000001'
    const second = '00000000-0000-3000-8000-000000000002'
    const others = [
      of(first, { 'Call ID': 'other direction', Direction: 'ORIGINATING' }),
      of(first, { 'Call ID': 'other call', 'Correlation ID': 'x' })
    ]
    const adoptee = await adopted(
      ...others.map((item) => stored(item)),
      stored(of(first, { 'Call ID': 'older' })),
      stored(of(first, { 'Call ID': 'newest' })),
      stored(
        of(second, { 'Call ID': 'tells nothing', 'Correlation ID': 'NA', 'Local call ID': '', Direction: '' })
      ),
      stored(of(second, { 'Call ID': 'tells all' }))
    )
    expect((await adoptee.rows()).map((row) => row.call_id)).toEqual(['newest', 'tells all'])
    const kept = await adoptee.rows('cdr_sync_errors')
    expect(kept.map(({ payload }) => JSON.parse(String(payload))['Call ID']).sort()).toEqual(
      others.map((item) => item['Call ID']).sort()
    )
    for (const { error_type, error_message, record_key, recovered } of kept) {
      expect({ error_type, recovered }).toEqual({ error_type: 'QuarantinedRecord', recovered: 0 })
      expect(error_message).toContain(first)
      expect(record_key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
    }
    expect(new Set(kept.map(({ record_key }) => record_key)).size).toBe(2)
  }, 180_000)

  test('are refused from then on, while legs may share (call_id, start_time)', async () => {
    const adoptee = await adopted(stored(live))
    const [{ id, ...row }] = (await adoptee.rows()) as [Row]
    const insert = (changes: Row) => adoptee.insert('cdr_records', { ...row, ...changes })
    await insert({ report_id: '00000000-0000-3000-8000-000000000001' })
    await expect(insert({ call_id: 'another', start_time: '2026-01-01' })).rejects.toThrow(/unique/i)
    await expect(insert({ report_id: null })).rejects.toThrow(/null/i)
  }, 180_000)
})

contract('a record of the Python tool', () => {
  test('becomes what sync would store', async () => {
    const { toRecord } = await import('../../src/record/record.js')
    const entities = await import('../../src/entities/index.js')
    const items: Item[] = [
      live,
      { ...reference, 'Call ID': 'reference' },
      {
        ...live,
        'Report ID': '00000000-0000-3000-8000-000000000001',
        'Call ID': 'mail',
        User: 'a@b.example'
      },
      // A stand-in leaves escapes in what JSON_VALUE returns: its text is compared in values.test.ts only.
      ...(dialect === 'sqlite'
        ? [
            { ...fullItem(), 'Report ID': '00000000-0000-3000-8000-000000000002' },
            { ...live, 'Report ID': '', 'Call ID': 'nameless' }
          ]
        : [])
    ]
    const adoptee = await adopted(...items.map((item) => stored(item)))
    const records = await adoptee.using((dataSource) =>
      dataSource.getRepository(entities.CdrRecord).find({ order: { id: 'ASC' } })
    )
    expect(records).toHaveLength(items.length)
    for (const [index, record] of records.entries()) {
      const mapped = toRecord(items[index])
      if (!('row' in mapped)) throw new Error(mapped.unstorable.reason)
      const { rawJson, contentHash: _, ...row } = mapped.row
      expect(inLowerCase(record)).toMatchObject(row)
      expect(JSON.parse(record.rawJson!)).toEqual(JSON.parse(rawJson!))
    }
  }, 180_000)
})

/** SQL Server's driver gives a uniqueidentifier in capitals. */
function inLowerCase(record: CdrRecord): CdrRecord {
  const { interactionId, pstnProviderId, pstnVendorOrgId, reportId } = record
  return {
    ...record,
    reportId: reportId.toLowerCase(),
    interactionId: interactionId?.toLowerCase() ?? null,
    pstnProviderId: pstnProviderId?.toLowerCase() ?? null,
    pstnVendorOrgId: pstnVendorOrgId?.toLowerCase() ?? null
  }
}
