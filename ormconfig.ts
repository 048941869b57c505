import { loadSettings, readEnvFile } from './src/config/settings.js'
import { createDataSource } from './src/database/data-source.js'

readEnvFile()

/** For TypeORM's own commands: `npx typeorm migration:show -d dist/ormconfig.js`. */
export default await createDataSource(loadSettings().database)
