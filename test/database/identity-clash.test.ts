import { type DataSource, QueryFailedError } from 'typeorm'
import { expect, test } from 'vitest'
import { identityClash } from '../../src/database/identity-clash.js'

/** SQL Server speaks the language of the login; there is none here that speaks another one than English. */
const SAID: [message: string, clashes: boolean][] = [
  [
    "Violation of PRIMARY KEY constraint 'PK__cdr_reco__3213E83F0AD2A005'. Cannot insert duplicate key in object 'dbo.cdr_records'. The duplicate key value is (11).",
    true
  ],
  [
    'Verletzung der PRIMARY KEY-Einschränkung "PK__cdr_reco__3213E83F0AD2A005". Ein doppelter Schlüssel kann in das dbo.cdr_records-Objekt nicht eingefügt werden. Der doppelte Schlüsselwert ist (11).',
    true
  ],
  [
    'Violation de la contrainte PRIMARY KEY «PK__cdr_reco__3213E83F0AD2A005». Impossible d’insérer une clé en double dans l’objet «dbo.cdr_records».',
    true
  ],
  [
    "Violation of UNIQUE KEY constraint 'UQ_cdr_records_report_id'. Cannot insert duplicate key in object 'dbo.cdr_records'.",
    false
  ],
  [
    "Cannot insert duplicate key row in object 'dbo.cdr_records' with unique index 'PK__cdr_reco__3213E83F0AD2A005_2'.",
    false
  ]
]

test.each(SAID)('%s', async (message, clashes) => {
  const dataSource = {
    query: async () => [{ table: 'cdr_records', key: 'PK__cdr_reco__3213E83F0AD2A005' }]
  } as unknown as DataSource
  const error = new QueryFailedError('INSERT', [], Object.assign(new Error(message), { number: 2627 }))
  const said = await identityClash(dataSource, error)
  expect(said?.message.startsWith('dbo.cdr_records generates ids') ?? false).toBe(clashes)
})
