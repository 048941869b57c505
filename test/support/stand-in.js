/**
 * A server that stands in for SQL Server may take one column in an ALTER TABLE … ADD, where SQL Server takes many.
 * Where the tests' server is no Microsoft SQL Server, such statements are written apart before they are sent; the
 * processes that tests start load this by NODE_OPTIONS.
 */
const MANY_COLUMNS = /ALTER TABLE (\S+) ADD\s*\n([^;]*);/g

let isStandIn

async function askServer(mssql) {
  const url = new URL(process.env.TEST_MSSQL_URL)
  const pool = await new mssql.ConnectionPool({
    server: url.hostname,
    port: Number(url.port || 1433),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    options: { trustServerCertificate: true }
  }).connect()
  const { recordset } = await pool.request().query('SELECT @@VERSION AS version')
  await pool.close()
  return !/^Microsoft SQL Server/.test(recordset[0].version)
}

function apart(sql) {
  return sql.replace(MANY_COLUMNS, (_, table, columns) =>
    columns
      .split(/,\s*\n/)
      .map((column) => `ALTER TABLE ${table} ADD ${column.trim()};`)
      .join('\n')
  )
}

if (process.env.TEST_MSSQL_URL) {
  const { default: mssql } = await import('mssql')
  // Such a server may fail where the end of a bulk load lies in two packets: the larger they are, the rarer that is.
  const connect = mssql.ConnectionPool.prototype._poolCreate
  mssql.ConnectionPool.prototype._poolCreate = function () {
    this.config.options.packetSize = 32_767
    return connect.call(this)
  }
  for (const method of ['_query', '_batch']) {
    const send = mssql.Request.prototype[method]
    mssql.Request.prototype[method] = function (sql, callback) {
      if (typeof sql !== 'string' || sql.search(MANY_COLUMNS) < 0) return send.call(this, sql, callback)
      isStandIn ??= askServer(mssql)
      isStandIn.then((standIn) => send.call(this, standIn ? apart(sql) : sql, callback), callback)
    }
  }
}
