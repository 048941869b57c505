import Database from 'better-sqlite3'
import { Connection } from 'tedious'

/**
 * Kills the process it is loaded into, as `kill -9` would, at a moment that KILL_AT names: "3 BEGIN" at the third
 * transaction's beginning, "2 after COMMIT" when the second is committed, "1 UPDATE cdr_sync_state" before that
 * statement. Of a statement only its first word and its table count.
 */
const [, nth, point] = /^(\d+) (.+)$/.exec(process.env.KILL_AT ?? '') ?? []
let met = 0

function reach(name) {
  if (name !== point) return
  met += 1
  if (met === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

/** "INSERT cdr_records" of a statement; a page on SQL Server is one batch that ends with the records. */
function nameOf(sql) {
  if (/^\s*DECLARE @after/.test(sql)) return 'INSERT cdr_records'
  const [, verb = ''] = /^\s*(\w+)/.exec(sql) ?? []
  const [, table = ''] = /(cdr_\w+)/.exec(sql) ?? []
  const word = verb.toUpperCase()
  // The lease is given back by an UPDATE that names no host.
  if (table === 'cdr_sync_lease' && /SET\s+\W*holder/i.test(sql) && !/host/i.test(sql)) return 'RELEASE'
  return `${word} ${table}`.trim()
}

if (point) {
  const prepare = Database.prototype.prepare
  Database.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql)
    const name = nameOf(sql)
    const [verb = ''] = name.split(' ')
    for (const method of ['run', 'all', 'get']) {
      const execute = statement[method]
      statement[method] = function (...values) {
        reach(/^(BEGIN|COMMIT)/.test(verb) ? verb : name)
        const result = execute.apply(this, values)
        if (verb === 'COMMIT') reach('after COMMIT')
        return result
      }
    }
    return statement
  }
  for (const [method, name] of [
    ['beginTransaction', 'BEGIN'],
    ['commitTransaction', 'COMMIT']
  ]) {
    const execute = Connection.prototype[method]
    Connection.prototype[method] = function (callback, ...rest) {
      reach(name)
      return execute.call(
        this,
        (...results) => {
          reach(`after ${name}`)
          callback(...results)
        },
        ...rest
      )
    }
  }
  for (const method of ['execSql', 'execSqlBatch']) {
    const execute = Connection.prototype[method]
    Connection.prototype[method] = function (request, ...rest) {
      reach(nameOf(request.sqlTextOrProcedure ?? ''))
      return execute.call(this, request, ...rest)
    }
  }
}
