import { createDatabaseContext } from './src/commands/context.js'
import { createDataSource } from './src/database/data-source.js'

const { settings } = await createDatabaseContext()

/** For TypeORM's own commands: `npx typeorm migration:show -d dist/ormconfig.js`. */
export default await createDataSource(settings.database)
