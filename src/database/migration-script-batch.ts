import { VERSION } from '../version.js'
import type { ListedMigration } from './migration-list.js'
import { LOCK_NAME } from './migration-lock.js'
import { checkScriptable, execute, literal } from './t-sql.js'

/**
 * True unless this session holds the lock. It and the check of the predecessor keep what follows a failure from
 * running even where a client or server does not honour NOEXEC.
 */
const NOT_LOCKED = `ISNULL(APPLOCK_MODE(N'public', N'${LOCK_NAME}', N'Session'), N'NoLock') <> N'Exclusive'`

export function historyBatch(statements: readonly string[]): string {
  return `
-- The tables that remember migrations
IF ${NOT_LOCKED}
  SET NOEXEC ON;
ELSE
BEGIN
  DECLARE @statement int = 0;
  BEGIN TRY
${statements.map(numbered).join('\n')}
  END TRY
${catching('The tables that remember migrations')}
END;
`
}

/** @throws Error when sqlcmd would not pass its statements on as they are */
export function migrationBatch(
  { name, checksum, transactional, statements }: ListedMigration,
  predecessor: ListedMigration | undefined
): string {
  for (const statement of statements) checkScriptable(statement)
  const begin = '    BEGIN TRANSACTION;'
  const steps = statements.map(numbered)
  return `
-- ${name}
IF ${NOT_LOCKED}
BEGIN
  RAISERROR(N'${name} was not run: this session does not hold the lock.', 16, 1);
  SET NOEXEC ON;
END
ELSE IF ${isApplied(name)}
BEGIN
  PRINT N'  applied before  ${name}';
  IF EXISTS (
    SELECT 1 FROM dbo.cdr_schema_history
    WHERE id = (SELECT MAX(id) FROM dbo.cdr_schema_history WHERE name = ${literal(name)})
      AND action <> N'reverted' AND checksum <> '${checksum}'
  )
    PRINT N'  WARNING: the text that was applied differs from this script.';
END
${predecessor ? demand(name, predecessor.name) : ''}ELSE
BEGIN
  DECLARE @started datetime2(3) = SYSUTCDATETIME(), @statement int = 0;
  BEGIN TRY
${(transactional ? [begin, ...steps] : [...steps, begin]).join('\n')}
    EXEC sys.sp_executesql N'
      INSERT INTO dbo.cdr_schema_history (name, action, checksum, program_version, path, duration_ms)
      VALUES (
        N''${name}'', N''applied'', ''${checksum}'', N''${VERSION}'', N''script'',
        DATEDIFF(millisecond, @started, SYSUTCDATETIME())
      );
      INSERT INTO dbo.cdr_migrations ([timestamp], name) VALUES (${name.slice(-13)}, N''${name}'');
    ', N'@started datetime2(3)', @started;
    COMMIT TRANSACTION;
    PRINT N'  applied         ${name}';
  END TRY
${catching(name)}
END;
`
}

function numbered(statement: string, index: number): string {
  return `    SET @statement = ${index + 1};\n    ${execute(statement)}`
}

function isApplied(name: string): string {
  return `EXISTS (SELECT 1 FROM dbo.cdr_migrations WHERE name = ${literal(name)})`
}

function demand(name: string, predecessor: string): string {
  return `ELSE IF NOT ${isApplied(predecessor)}
BEGIN
  RAISERROR(N'${name} was not run: ${predecessor}, which comes before it, is not applied.', 16, 1);
  SET NOEXEC ON;
END
`
}

/** RAISERROR, as THROW would end the batch before NOEXEC is set. Its text may be 2,047 characters long. */
function catching(what: string): string {
  return `  BEGIN CATCH
    IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
    DECLARE @number int = ERROR_NUMBER(), @line int = ERROR_LINE(), @message nvarchar(1800) = LEFT(ERROR_MESSAGE(), 1800);
    RAISERROR(N'${what} failed: statement %d, line %d, error %d: %s', 16, 1, @statement, @line, @number, @message);
    SET NOEXEC ON;
  END CATCH;`
}
