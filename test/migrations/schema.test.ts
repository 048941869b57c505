import { expect, it } from 'vitest'
import { migrations } from '../../src/migrations/sqlite/index.js'
import { migrate, newFile, schemaDiff, using } from './support.js'

function schemaOf(file: string) {
  return using(file, (dataSource) => dataSource.query('SELECT * FROM sqlite_master ORDER BY name'))
}

it('leaves TypeORM nothing to change on a new database', async () => {
  const file = newFile()
  expect(await migrate(file)).toEqual(migrations.map(({ name }) => name))
  expect(await schemaDiff(file)).toEqual([])
})

it('is seen to differ when a migration is missing', async () => {
  const file = newFile()
  await migrate(file, 'ReportIdAsKey')
  expect(await schemaDiff(file)).not.toEqual([])
})

it('does nothing the second time', async () => {
  const file = newFile()
  await migrate(file)
  const schema = await schemaOf(file)
  expect(await migrate(file)).toEqual([])
  expect(await schemaOf(file)).toEqual(schema)
})

it('keeps the indexes of the predecessor and adds its own', async () => {
  const file = newFile()
  await migrate(file)
  const indexes = await using(file, (dataSource) =>
    dataSource.query<{ name: string }[]>(`SELECT name FROM sqlite_master WHERE name LIKE 'IX%' ORDER BY name`)
  )
  expect(indexes.map(({ name }) => name)).toEqual([
    'IX_cdr_calls_start_utc',
    'IX_cdr_coverage_scope',
    'IX_cdr_records_call_id_start_time',
    'IX_cdr_records_call_outcome',
    'IX_cdr_records_called_number',
    'IX_cdr_records_calling_number',
    'IX_cdr_records_correlation_id',
    'IX_cdr_records_direction',
    'IX_cdr_records_interaction_id',
    'IX_cdr_records_journey_id',
    'IX_cdr_records_local_call_id',
    'IX_cdr_records_location_name',
    'IX_cdr_records_start_time',
    'IX_cdr_records_start_time_direction',
    'IX_cdr_records_transfer_related_call_id',
    'IX_cdr_records_user_email',
    'IX_cdr_records_user_number',
    'IX_cdr_sync_errors_record_key',
    'IX_cdr_sync_state_watermark'
  ])
})
